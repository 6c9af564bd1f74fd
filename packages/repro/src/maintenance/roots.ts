import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseLock } from '../publish/lock.ts';
import { readNames } from '../store/by-name.ts';
import type { NodeRecord } from '../store/by-name.ts';
import { writeAtomically, readText } from '../store/files.ts';
import { readRoot, readRuns, rootDirectories } from '../store/root.ts';
import type { RootFacts } from '../store/root.ts';

/** A project, set and overrides that use a store, and what they need of it. */
export interface StoredRoot {
  readonly directory: string;
  /** Undefined where its record cannot be read: what its runs used is kept. */
  readonly facts: RootFacts | undefined;
  /**
   * - `used`: the project is there.
   * - `gone`: it is not, and this was not reported before.
   * - `reported`: it is not, as an earlier `gc` said.
   */
  readonly state: 'used' | 'gone' | 'reported';
  /** ISO 8601, of its last recorded run; undefined if none ended well. */
  readonly lastRun: string | undefined;
  /** Keys of the results that it needs. */
  readonly keys: ReadonlySet<string>;
  /** What its nodes last came to. */
  readonly records: ReadonlyMap<string, NodeRecord>;
  /** Records of runs that are no longer needed. */
  readonly obsoleteRuns: readonly string[];
}

const unfinishedMilliseconds = 30 * 86_400_000;

/** All roots of a store. `keepLast`: how many complete runs of each are remembered. */
export function storedRoots(storeDirectory: string, keepLast: number): StoredRoot[] {
  return rootDirectories(storeDirectory).map((directory) => {
    const facts = readRoot(directory);
    const keys = new Set<string>();
    const obsoleteRuns: string[] = [];
    let complete = 0;
    let lastComplete = 0;
    const runs = readRuns(directory);
    for (const run of runs) {
      if (complete >= keepLast) {
        obsoleteRuns.push(run.file);
        continue;
      }
      for (const key of run.keys) keys.add(key);
      if (run.complete && complete++ === 0) lastComplete = Date.parse(run.finishedAt);
    }
    // What a run that did not end well has built since.
    const { records } = readNames(directory);
    const now = Date.now();
    let lastWritten = 0;
    for (const { key, at = Infinity } of records.values()) {
      // Where the clock was set back since, times say nothing.
      if (at >= lastComplete || lastComplete > now) keys.add(key);
      lastWritten = Math.max(lastWritten, at);
    }
    for (const key of facts ? lockedKeys(facts.reports) : []) keys.add(key);
    const gone = facts !== undefined && isGone(facts, lastComplete > 0, lastWritten);
    const state = gone ? (existsSync(goneMarker(directory)) ? 'reported' : 'gone') : 'used';
    return { directory, facts, state, lastRun: runs[0]?.finishedAt, keys, records, obsoleteRuns };
  });
}

/** Remembers that it was reported that a root is gone, or that it is there again. */
export function noteRootState({ directory, state }: StoredRoot): void {
  if (state === 'gone') writeAtomically(goneMarker(directory), `${new Date().toISOString()}\n`);
  if (state === 'used') rmSync(goneMarker(directory), { force: true });
}

function goneMarker(directory: string): string {
  return join(directory, 'gone');
}

/**
 * The project is no longer where it was; or its report with overrides was removed, which is how one says that it is
 * no longer wanted. Overrides that never came to a report are forgotten after a month.
 */
function isGone({ project, reports, overrides }: RootFacts, published: boolean, lastWritten: number): boolean {
  if (!existsSync(join(project, 'pipeline.ts'))) return true;
  if (overrides.length === 0 || existsSync(reports)) return false;
  return published || Date.now() - lastWritten > unfinishedMilliseconds;
}

/** Keys of the lock that is published now, which may be newer than any run here: a `git pull` brings one. */
function lockedKeys(reports: string): string[] {
  try {
    const lock = parseLock(readText(join(reports, 'lock.json')));
    return lock ? Object.values(lock.nodes).map(({ key }) => key) : [];
  } catch {
    return [];
  }
}
