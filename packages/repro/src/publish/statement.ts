import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodePoint } from '../graph/canonical-json.ts';
import { sha256 } from '../graph/digest.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isDigest, isString, parseJsonText } from '../store/records.ts';
import { labelOf } from './label.ts';
import type { SealedProvenance } from './sealed.ts';
import { readText } from '../store/files.ts';

/** The file of a report that holds its statement. Not named by the lock, which is there first. */
export const statementName = 'statement.intoto.json';

/** An in-toto statement (https://in-toto.io/Statement/v1): what somebody who signs it says of the files of a report. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: typeof predicateType;
  readonly predicate: Predicate;
}

export const predicateType = 'urn:repro:published-report:1';

export interface Predicate {
  readonly pipeline: string;
  readonly set: string;
  readonly overrides: readonly string[];
  /** Of the code that made the report; null outside a git checkout. */
  readonly commit: string | null;
  /** SHA-256 of lock.json, which names the digest of every result. */
  readonly lock: string;
  /** SHA-256 of package-lock.json of that commit; null for a project without one. */
  readonly packageLock: string | null;
  /** Versions of Node that computed the results. */
  readonly node: readonly string[];
  readonly keyScheme: number;
  readonly audits: readonly AuditSummary[];
}

/** What an audit of these results found. */
export interface AuditSummary {
  /** SHA-256 of the audit's file. */
  readonly sha256: string;
  readonly seeds: readonly string[];
  /** That were computed again. */
  readonly nodes: number;
  readonly of: number;
  /** Those of them that came out with other bytes, or failed. */
  readonly differing: number;
  /** Those of them that failed. Not in older statements. */
  readonly failed?: number;
  /** That were drawn and could not run there. Not in older statements. */
  readonly notRun?: number;
  /** `24 of 1020 nodes recomputed, all equal: at most 12% differ, with 95% confidence` */
  readonly says: string;
}

/**
 * The statement about a report whose files were compared with its lock before: the same for the same files, audits and
 * package lock, whoever makes it, wherever and whenever.
 */
export function makeStatement(
  directory: string,
  files: readonly string[],
  facts: SealedProvenance,
  packageLock: string | null,
  audits: readonly AuditSummary[],
): Statement {
  const label = labelOf({ name: facts.set, overrides: facts.overrides });
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...files].sort(byCodePoint).map((path) => ({
      name: `reports/${label}/${path}`,
      digest: { sha256: sha256(readFileSync(join(directory, path))) },
    })),
    predicateType,
    predicate: {
      pipeline: facts.pipeline,
      set: facts.set,
      overrides: facts.overrides,
      commit: facts.commit,
      lock: facts.lock,
      packageLock,
      node: [...new Set(facts.machines.map(({ node }) => node))].sort(byCodePoint),
      keyScheme: facts.keyScheme,
      audits,
    },
  };
}

/** As it is written, and signed. */
export function statementText(statement: Statement): string {
  return `${JSON.stringify(statement, null, 2)}\n`;
}

/** The predicate alone, and the subjects as `sha256sum` prints them: what signing tools take. */
export function predicateText({ predicate }: Statement): string {
  return `${JSON.stringify(predicate, null, 2)}\n`;
}

export function checksumsText({ subject }: Statement): string {
  return subject.map(({ name, digest }) => `${digest.sha256}  ${name}\n`).join('');
}

/** What is wrong with the statement in a report; undefined if nothing is, or there is none. */
export function statementProblem(
  directory: string,
  files: readonly string[],
  facts: SealedProvenance,
): string | undefined {
  const path = join(directory, statementName);
  if (!existsSync(path)) return undefined;
  const found = parseStatement(readText(path));
  if (!found) return 'cannot be read as a statement that `repro attest` wrote';
  const { packageLock, audits } = found.predicate;
  const expected = makeStatement(directory, files, facts, packageLock, audits);
  if (JSON.stringify(expected.subject) !== JSON.stringify(found.subject))
    return 'is about other files: run `repro attest` again';
  return statementText(expected) === readText(path)
    ? undefined
    : 'says something else than the lock and the provenance: run `repro attest` again';
}

function parseStatement(text: string): Statement | undefined {
  const value = parseJsonText(text);
  if (!isObject(value) || !isObject(value['predicate'])) return undefined;
  const { packageLock, audits } = value['predicate'];
  const known =
    value['predicateType'] === predicateType &&
    isArrayOf(isObject, value['subject']) &&
    (packageLock === null || isDigest(packageLock)) &&
    isArrayOf(isAuditSummary, audits);
  return known ? (value as unknown as Statement) : undefined;
}

function isAuditSummary(value: unknown): value is AuditSummary {
  if (!isObject(value)) return false;
  const { nodes, of, differing, seeds, says } = value;
  return (
    isDigest(value['sha256']) &&
    isArrayOf(isString, seeds) &&
    [nodes, of, differing].every((each) => typeof each === 'number') &&
    isString(says)
  );
}
