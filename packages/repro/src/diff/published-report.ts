import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { InputError, oneOf } from '../errors.ts';
import { knownReports } from '../publish/known-reports.ts';
import { parseLock } from '../publish/lock.ts';
import type { Lock } from '../publish/lock.ts';
import { isObject } from '../is-object.ts';
import { isString, parseJsonText } from '../store/records.ts';

/** A published report as somebody has it: in a directory, or in a commit. */
export interface PublishedReport {
  /** As the user named it: `quick`, `HEAD~3:quick`. */
  readonly label: string;
  /** Path below the report -> content. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly lock: Lock;
  /** Of its provenance; null where that is not there or cannot be read. */
  readonly parameters: Readonly<Record<string, unknown>> | null;
  /** Commit of the code that made it, as its provenance says. */
  readonly commit: string | null;
  readonly finishedAt: string | null;
}

/**
 * A published report by the name of its set (`quick`, `quick+base=2`), its directory, or a commit and set (`HEAD~3:quick`).
 * Throws an InputError that lists the reports there are.
 */
export function readReport(root: string, reports: string, operand: string): PublishedReport {
  const directory = [join(reports, operand), resolve(operand)].find((each) => existsSync(join(each, 'lock.json')));
  if (directory !== undefined) return reportOf(operand, directory, filesOfDirectory(directory));
  const commit = /^([^:]+):([^:]+)$/.exec(operand);
  if (!commit)
    throw new InputError(
      `${operand}: no published report: ${oneOf(knownReports(reports))}, the directory of a report, or COMMIT:SET`,
    );
  const path = relative(root, join(reports, commit[2]!)).replaceAll('\\', '/');
  return reportOf(operand, `${commit[1]!}:${path}`, filesOfCommit(root, operand, commit[1]!, path));
}

function reportOf(label: string, place: string, files: ReadonlyMap<string, Buffer>): PublishedReport {
  const text = files.get('lock.json');
  const lock = text && parseLock(text.toString('utf8'));
  if (!lock) throw new InputError(`${place}: lock.json: expected the lock that a run published`);
  const provenance = parseJsonText(files.get('provenance.json')?.toString('utf8') ?? '');
  const facts = isObject(provenance) ? provenance : {};
  const { parameters, commit, finishedAt } = facts;
  return {
    label,
    files,
    lock,
    parameters: isObject(parameters) ? parameters : null,
    commit: isString(commit) ? commit : null,
    finishedAt: isString(finishedAt) ? finishedAt : null,
  };
}

function filesOfDirectory(directory: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(directory, name);
    // An editor leaves links that lead nowhere.
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) files.set(name.replaceAll('\\', '/'), readFileSync(file));
  }
  return files;
}

const largestOutput = 1 << 30;

function filesOfCommit(root: string, operand: string, commit: string, path: string): Map<string, Buffer> {
  const git = (args: readonly string[], input = ''): Buffer =>
    execFileSync('git', args, { cwd: root, input, maxBuffer: largestOutput, stdio: ['pipe', 'pipe', 'pipe'] });
  let listed: [string, string][];
  try {
    listed = git(['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', `${commit}:./${path}`])
      .toString('utf8')
      .split('\0')
      .flatMap((line) => {
        const match = /^100\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line);
        return match ? [[match[2]!, match[1]!] as [string, string]] : [];
      });
  } catch {
    throw new InputError(`${operand}: git has no ${path} in ${commit}: expected COMMIT:SET, such as HEAD~3:quick`);
  }
  const answers = git(['cat-file', '--batch'], listed.map(([, object]) => `${object}\n`).join(''));
  const files = new Map<string, Buffer>();
  let at = 0;
  for (const [name] of listed) {
    const end = answers.indexOf('\n', at);
    const size = Number(answers.toString('latin1', at, end).split(' ')[2]);
    files.set(name, answers.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return files;
}
