import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { sha256 } from '../graph/digest.ts';
import { parseLock } from '../publish/lock.ts';
import type { Lock } from '../publish/lock.ts';
import { readSealed } from '../publish/sealed.ts';
import type { SealedProvenance } from '../publish/sealed.ts';
import { makeStatement } from '../publish/statement.ts';
import type { AuditSummary, Statement } from '../publish/statement.ts';
import { publishedFiles, verifyPublished } from '../publish/verify-published.ts';
import { auditCounts, auditStatement, parseAudit } from './audit.ts';
import type { Audit } from './audit.ts';
import { readOrdinaryText, readText } from '../store/files.ts';

/**
 * The statement about a published report. `audits`: files of audits, which must be of the results that its lock names.
 * Throws an InputError if the report is not as published, or an audit is of other results.
 */
export function attest(root: string, directory: string, audits: readonly string[]): Statement {
  const faults = verifyPublished(directory).filter(({ about }) => about !== 'statement');
  const [first] = faults;
  if (first) throw new InputError(`${join(directory, first.path)}: ${first.problem}: nothing was attested`);
  const lock = parseLock(readText(join(directory, 'lock.json')))!;
  const sealed = readSealed(readText(join(directory, 'provenance.json'))) as { facts: SealedProvenance };
  const summaries = audits.map((file) => summary(file, lock));
  return makeStatement(
    directory,
    publishedFiles(lock),
    sealed.facts,
    packageLock(root, sealed.facts.commit),
    summaries,
  );
}

function summary(file: string, lock: Lock): AuditSummary {
  const text = readOrdinaryText(file) ?? '';
  const audit = parseAudit(text);
  if (!audit) throw new InputError(`${file}: expected a file that \`repro audit\` wrote`);
  const other = audit.nodes.find((each) => !isOfLock(each, lock));
  if (other)
    throw new InputError(
      `${file}: ${other.node} is not the one that lock.json names: expected an audit of this report`,
    );
  if (audit.population.nodes > Object.keys(lock.nodes).length)
    throw new InputError(
      `${file}: it is of ${audit.population.nodes} nodes, and lock.json names ${Object.keys(lock.nodes).length}: expected an audit of this report`,
    );
  const { compared, different, failed, 'not-run': notRun } = auditCounts(audit);
  if (compared === 0)
    throw new InputError(`${file}: ${auditStatement(audit)}: expected an audit that compared at least one node`);
  return {
    sha256: sha256(text),
    seeds: audit.draws.map(({ seed }) => seed),
    nodes: compared,
    of: audit.population.nodes,
    differing: different + failed,
    failed,
    notRun,
    says: auditStatement(audit),
  };
}

function isOfLock({ node, key, recorded }: Audit['nodes'][number], { nodes }: Lock): boolean {
  const locked = Object.hasOwn(nodes, node) ? nodes[node]! : undefined;
  return (
    locked?.key === key && Object.keys(locked.outputs).every((output) => recorded[output] === locked.outputs[output])
  );
}

/** Digest of package-lock.json as it was in the commit that made the report. */
function packageLock(root: string, commit: string | null): string | null {
  const name = 'package-lock.json';
  if (commit === null) return existsSync(join(root, name)) ? sha256(readFileSync(join(root, name))) : null;
  const git = (...args: string[]): Buffer =>
    execFileSync('git', args, { cwd: root, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    git('cat-file', '-e', '--end-of-options', `${commit}^{commit}`);
  } catch {
    throw new InputError(`commit ${commit}, which made the report, is not in this clone: run git fetch --unshallow`);
  }
  try {
    return sha256(git('cat-file', 'blob', '--end-of-options', `${commit}:./${name}`));
  } catch {
    return null;
  }
}
