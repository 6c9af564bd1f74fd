import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isStorageFailure } from '../errors.ts';
import { collectorLease } from '../run.ts';
import { ByName } from '../store/by-name.ts';
import { Leases } from '../store/lease.ts';
import { readRuns } from '../store/run-history.ts';
import type { Store } from '../store/store.ts';
import { storedNames } from './stored-names.ts';
import type { StoredName } from './stored-names.ts';

export interface Collection {
  readonly results: { readonly removed: number; readonly kept: number };
  readonly blobs: {
    readonly removed: number;
    readonly kept: number;
    readonly removedBytes: number;
    readonly keptBytes: number;
  };
  readonly names: { readonly removed: number };
  readonly scratch: { readonly removed: number; readonly kept: number };
}

/** A checkpoint that nobody came back to for so long is not waited for any more. */
const scratchMilliseconds = 30 * 86_400_000;

/**
 * Removes what neither the last `keepLast` successful runs of each parameter set used, nor a run since has made:
 * results, then the blobs that no result or name refers to, dead names, old checkpoints, and leftovers of killed runs.
 * Returns undefined, with nothing removed, if a run is using the store.
 */
export function collectGarbage(store: Store, keepLast: number, dryRun: boolean): Collection | undefined {
  const leases = new Leases(store.directory);
  try {
    leases.acquire(collectorLease);
  } catch (error) {
    // A full disk is when this is needed most.
    if (!isStorageFailure(error)) throw error;
  }
  try {
    return leases.heldByOthers().length > 0 ? undefined : collect(store, keepLast, dryRun);
  } finally {
    leases.releaseAll();
  }
}

function collect(store: Store, keepLast: number, dryRun: boolean): Collection {
  const names = storedNames(store.directory);
  const { keys: kept, obsoleteRuns } = keptKeys(store.directory, names, keepLast);
  const remove = (path: string): void => {
    if (!dryRun) rmSync(path, { recursive: true, force: true });
  };

  const referenced = new Set<string>();
  const results = { removed: 0, kept: 0 };
  const recorded = new Set<string>();
  for (const key of store.keys()) {
    const result = kept.has(key) ? store.readResult(key) : undefined;
    if (!result) {
      results.removed++;
      remove(join(store.directory, 'ac', key));
      continue;
    }
    results.kept++;
    recorded.add(key);
    for (const { digest } of [...Object.values(result.outputs), result.trace]) referenced.add(digest);
  }

  const dead = names.filter(({ record }) => !record || (record.state === 'done' && !kept.has(record.key)));
  // The trace of the last success is what `why` compares with.
  for (const name of names) if (!dead.includes(name) && name.record?.trace) referenced.add(name.record.trace.digest);
  for (const { file } of dead) remove(file);
  if (!dryRun) forgetNames(store.directory, dead);

  const blobs = { removed: 0, kept: 0, removedBytes: 0, keptBytes: 0 };
  for (const digest of store.blobs()) {
    const path = store.blobPath(digest);
    const { size } = statSync(path);
    if (referenced.has(digest)) {
      blobs.kept++;
      blobs.keptBytes += size;
      continue;
    }
    blobs.removed++;
    blobs.removedBytes += size;
    remove(path);
    store.index.forget(digest);
  }
  if (!dryRun && blobs.removed > 0) store.index.compact();

  const scratch = { removed: 0, kept: 0 };
  for (const key of readdirSync(join(store.directory, 'scratch'))) {
    const directory = join(store.directory, 'scratch', key);
    const old = Date.now() - lastWritten(directory) > scratchMilliseconds;
    if (old || recorded.has(key)) {
      scratch.removed++;
      remove(directory);
    } else scratch.kept++;
  }
  for (const file of obsoleteRuns) remove(file);
  for (const path of leftovers(store.directory)) remove(path);
  return { results, blobs, names: { removed: dead.length }, scratch };
}

/** Keys of the last complete runs of each set, of runs of some nodes since, and of nodes that a run which did not end well has built since. */
function keptKeys(
  storeDirectory: string,
  names: readonly StoredName[],
  keepLast: number,
): { keys: Set<string>; obsoleteRuns: string[] } {
  const keys = new Set<string>();
  const obsoleteRuns: string[] = [];
  const completeRuns = new Map<string, number>();
  const lastComplete = new Map<string, number>();
  for (const run of readRuns(storeDirectory)) {
    const before = completeRuns.get(run.set) ?? 0;
    if (before >= keepLast) {
      obsoleteRuns.push(run.file);
      continue;
    }
    for (const key of run.keys) keys.add(key);
    if (!run.complete) continue;
    completeRuns.set(run.set, before + 1);
    if (before === 0) lastComplete.set(run.set, Date.parse(run.finishedAt));
  }
  for (const { set, writtenAt, record } of names) {
    if (record && writtenAt >= (lastComplete.get(set) ?? 0)) keys.add(record.key);
  }
  return { keys, obsoleteRuns };
}

function forgetNames(storeDirectory: string, dead: readonly StoredName[]): void {
  for (const set of new Set(dead.map((name) => name.set))) {
    const byName = new ByName(storeDirectory, set);
    for (const name of dead) if (name.set === set && name.record) byName.forget(name.record.node);
    byName.save();
  }
}

function lastWritten(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return Math.max(statSync(directory).mtimeMs, ...entries.map((name) => statSync(join(directory, name)).mtimeMs));
}

/** What killed runs left half-written, and the leases of the dead. */
function leftovers(storeDirectory: string): string[] {
  const temporary = readdirSync(join(storeDirectory, 'tmp')).map((name) => join(storeDirectory, 'tmp', name));
  const halfWritten = [
    '',
    'runs',
    ...readdirSync(join(storeDirectory, 'by-name'), { recursive: true, encoding: 'utf8' }).map((name) =>
      join('by-name', name),
    ),
    'by-name',
  ]
    .map((name) => join(storeDirectory, name))
    .filter((path) => existsSync(path) && statSync(path).isDirectory())
    .flatMap((directory) =>
      readdirSync(directory)
        .filter((name) => /^tmp-\d+-[0-9a-f]{12}$/.test(name))
        .map((name) => join(directory, name)),
    );
  const leases = readdirSync(join(storeDirectory, 'leases'))
    .filter((name) => name !== collectorLease)
    .map((name) => join(storeDirectory, 'leases', name));
  return [...temporary, ...halfWritten, ...leases];
}
