import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../graph/canonical-json.ts';
import { sha256 } from '../graph/digest.ts';
import { makeDirectory, readOrdinaryText, writeAtomically } from './files.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isDigest, isString, isTime, parseJsonText } from './records.ts';

/**
 * Who uses a store: one parameter set, with its overrides, of one project in one place. What its newest runs used is
 * what `gc` keeps. A root is the directory `roots/<id>/` of the store.
 */
export interface RootFacts {
  /** The project's absolute path. */
  readonly project: string;
  /** Where its report is published, absolute. */
  readonly reports: string;
  /** `quick`, or `quick+base=2` with overrides. */
  readonly label: string;
  readonly set: string;
  readonly overrides: readonly string[];
}

/** The keys that a successful run used. */
export interface RunRecord {
  readonly finishedAt: string;
  /** The run was about all nodes, not only about some that the user named. */
  readonly complete: boolean;
  /** Digest of the lock that it published; null for a run that published none. */
  readonly lock: string | null;
  readonly keys: readonly string[];
}

/** `20261126T1433..._<16 hex>.json`: time, and digest of the keys, which tell what the last run used without opening it. */
const runName = /^[\dTZ.-]+_([0-9a-f]{16})\.json$/;
const rootName = /^[0-9a-f]{16}$/;

export function rootDirectory(
  storeDirectory: string,
  { project, reports }: Pick<RootFacts, 'project' | 'reports'>,
): string {
  return join(storeDirectory, 'roots', sha256(`${project}\n${reports}`).slice(0, 16));
}

/** Writes who a root is, unless that is there. */
export function registerRoot(directory: string, facts: RootFacts): void {
  const path = join(directory, 'root.json');
  const text = canonicalJson(facts) + '\n';
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  makeDirectory(join(directory, 'runs'));
  writeAtomically(path, text);
}

/** Who a root is; undefined if that cannot be read. */
export function readRoot(directory: string): RootFacts | undefined {
  const value = parseJsonText(readText(join(directory, 'root.json')));
  if (!isObject(value)) return undefined;
  const { project, reports, label, set, overrides } = value;
  const known = [project, reports, label, set].every(isString) && isArrayOf(isString, overrides);
  return known ? (value as unknown as RootFacts) : undefined;
}

/** All roots of a store: their directories. */
export function rootDirectories(storeDirectory: string): string[] {
  const roots = join(storeDirectory, 'roots');
  if (!existsSync(roots)) return [];
  return readdirSync(roots)
    .filter((name) => rootName.test(name))
    .sort()
    .map((name) => join(roots, name));
}

/** Records a run, unless the last recorded one of its root used the same keys. */
export function recordRun(directory: string, run: Omit<RunRecord, 'finishedAt'>): void {
  const digest = sha256(canonicalJson([run.complete, run.lock, run.keys])).slice(0, 16);
  const last = runFiles(directory)[0];
  if (last !== undefined && runName.exec(last)?.[1] === digest) return;
  // A run that came after another is the later one, also where the clock was set back.
  const before = last === undefined ? -Infinity : timeOf(last);
  const finishedAt = new Date(before >= Date.now() ? before + 1 : Date.now()).toISOString();
  const file = `${finishedAt.replaceAll(':', '')}_${digest}.json`;
  // A gc that was ended may have left the root without it.
  makeDirectory(join(directory, 'runs'));
  writeAtomically(join(directory, 'runs', file), canonicalJson({ ...run, finishedAt }) + '\n');
}

/** When a run finished, by the name of its record; -Infinity where that says no time. */
function timeOf(name: string): number {
  const time = Date.parse(name.replace(/_.*$/, '').replace(/T(\d\d)(\d\d)/, 'T$1:$2:'));
  return Number.isNaN(time) ? -Infinity : time;
}

/** All recorded runs of a root, the latest first. An unreadable record is left out. */
export function readRuns(directory: string): (RunRecord & { readonly file: string })[] {
  return runFiles(directory).flatMap((name) => {
    const file = join(directory, 'runs', name);
    const run = parseRun(readText(file));
    return run ? [{ ...run, file }] : [];
  });
}

function parseRun(text: string): RunRecord | undefined {
  const value = parseJsonText(text);
  if (!isObject(value)) return undefined;
  const { finishedAt, complete, lock, keys } = value;
  const known =
    isTime(finishedAt) &&
    typeof complete === 'boolean' &&
    (lock === null || isDigest(lock)) &&
    isArrayOf(isDigest, keys);
  return known ? (value as unknown as RunRecord) : undefined;
}

function runFiles(directory: string): string[] {
  const runs = join(directory, 'runs');
  if (!statSync(runs, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(runs)
    .filter((name) => runName.test(name))
    .sort()
    .reverse();
}

function readText(path: string): string {
  try {
    return readOrdinaryText(path) ?? '';
  } catch {
    return '';
  }
}
