import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, renameSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isStorageFailure } from '../errors.ts';
import { asDigest } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import { collectorLease } from '../run-lease.ts';
import { writeNames } from '../store/by-name.ts';
import { removeTree } from '../store/files.ts';
import { digestName, environmentName, leaseName, temporaryName } from '../store/layout.ts';
import { Leases } from '../store/lease.ts';
import { rootDirectories } from '../store/root.ts';
import type { Store } from '../store/store.ts';
import { noteRootState, storedRoots } from './roots.ts';
import type { StoredRoot } from './roots.ts';

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
  readonly roots: readonly StoredRoot[];
}

/** A checkpoint that nobody came back to for so long is not waited for any more. */
const scratchMilliseconds = 30 * 86_400_000;

/**
 * Removes what no root needs: results, then the blobs that no result refers to, dead names, old checkpoints, and
 * leftovers of killed runs; of all directories only what has a name that we give. A root whose project is gone is
 * reported by one call and dropped by the next. Returns undefined, with nothing removed, if a run is using the store.
 */
export async function collectGarbage(store: Store, keepLast: number, dryRun: boolean): Promise<Collection | undefined> {
  const leases = new Leases(store.directory);
  try {
    leases.acquire(collectorLease);
  } catch (error) {
    // A full disk is when this is needed most.
    if (!isStorageFailure(error)) throw error;
  }
  try {
    await leases.settle();
    return leases.heldByOthers().length > 0 ? undefined : collect(store, keepLast, dryRun);
  } finally {
    leases.releaseAll();
  }
}

function collect(store: Store, keepLast: number, dryRun: boolean): Collection {
  const remove = (path: string): void => {
    if (!dryRun) removeTree(path);
  };
  const roots = storedRoots(store.directory, keepLast);
  const kept = new Set<string>();
  for (const root of roots) if (root.state !== 'reported') for (const key of root.keys) kept.add(key);

  /** Blobs that are needed, with the sizes that results say. */
  const referenced = new Map<Digest, number>();
  const results = { removed: 0, kept: 0 };
  const recorded = new Set<string>();
  for (const key of store.keys()) {
    const result = kept.has(key) ? store.knownResult(key) : undefined;
    if (!result) {
      results.removed++;
      remove(join(store.directory, 'ac', key));
      continue;
    }
    results.kept++;
    recorded.add(key);
    for (const name in result.outputs) referenced.set(result.outputs[name]!.digest, result.outputs[name]!.size);
    referenced.set(result.trace.digest, result.trace.size);
  }

  const names = { removed: 0 };
  for (const root of roots) {
    if (root.state === 'reported') {
      names.removed += root.records.size;
      if (!dryRun) removeRoot(root.directory);
      continue;
    }
    names.removed += forgetNames(root, kept, referenced, dryRun);
    for (const file of root.obsoleteRuns) remove(file);
    if (!dryRun) noteRootState(root);
  }

  const blobs = { removed: 0, kept: 0, removedBytes: 0, keptBytes: 0 };
  for (const digest of store.blobs()) {
    const size = referenced.get(digest);
    if (size !== undefined) {
      blobs.kept++;
      blobs.keptBytes += size;
      continue;
    }
    const path = store.blobPath(digest);
    blobs.removed++;
    blobs.removedBytes += statSync(path).size;
    remove(path);
    store.index.forget(digest);
  }
  if (!dryRun && blobs.removed > 0) store.index.compact();
  if (!dryRun) store.elsewhere.keep(referenced);

  const scratch = { removed: 0, kept: 0 };
  for (const key of readdirSync(join(store.directory, 'scratch')).filter((name) => digestName.test(name))) {
    const directory = join(store.directory, 'scratch', key);
    const old = Date.now() - lastWritten(directory) > scratchMilliseconds;
    if (old || recorded.has(key)) {
      scratch.removed++;
      remove(directory);
    } else scratch.kept++;
  }
  const environments = join(store.directory, 'environments');
  for (const name of existsSync(environments) ? readdirSync(environments) : []) {
    const digest = environmentName.exec(name)?.[1];
    if (digest === undefined) continue;
    const made = asDigest(name);
    if (made && referenced.has(made)) continue;
    // First under the name of one that is not finished: should gc be ended meanwhile, what is left would pass for a whole one.
    const unfinished = made ? `${name}.${process.pid}-${randomBytes(4).toString('hex')}` : name;
    if (made && !dryRun) renameSync(join(environments, name), join(environments, unfinished));
    remove(join(environments, unfinished));
  }
  const logs = join(store.directory, 'logs');
  for (const key of existsSync(logs) ? readdirSync(logs).filter((name) => digestName.test(name)) : []) {
    const old = Date.now() - statSync(join(logs, key)).mtimeMs > scratchMilliseconds;
    if (old || !recorded.has(key)) remove(join(logs, key));
  }
  for (const path of leftovers(store.directory)) remove(path);
  return { results, blobs, names, scratch, roots };
}

/** Drops the names of results that are gone, and keeps what `why` compares the others with. Returns how many went. */
function forgetNames(
  { directory, records }: StoredRoot,
  kept: ReadonlySet<string>,
  referenced: Map<Digest, number>,
  dryRun: boolean,
): number {
  const living = [...records.values()].filter(({ state, key }) => state !== 'done' || kept.has(key));
  for (const { trace } of living) if (trace) referenced.set(trace.digest, trace.size);
  if (!dryRun && living.length < records.size) writeNames(directory, living);
  return records.size - living.length;
}

/** Files that a root consists of; a directory that holds something else stays, with that in it. */
function removeRoot(directory: string): void {
  const runs = join(directory, 'runs');
  if (existsSync(runs)) removeFiles(runs, /^[\dTZ.-]+_[0-9a-f]{16}\.json$|^tmp-\d+-[0-9a-f]{12}$/);
  removeFiles(
    directory,
    /^(root\.json|names\.jsonl|parameters\.json|published\.json|gone|checked|tmp-\d+-[0-9a-f]{12})$/,
  );
}

function removeFiles(directory: string, ours: RegExp): void {
  for (const name of readdirSync(directory)) if (ours.test(name)) rmSync(join(directory, name), { force: true });
  if (readdirSync(directory).length === 0) rmdirSync(directory);
}

function lastWritten(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return Math.max(statSync(directory).mtimeMs, ...entries.map((name) => lstatSync(join(directory, name)).mtimeMs));
}

/** What killed runs left half-written, and the leases of the dead. */
function leftovers(storeDirectory: string): string[] {
  const matching = (directory: string, ours: RegExp): string[] =>
    existsSync(directory)
      ? readdirSync(directory)
          .filter((name) => ours.test(name) && name !== collectorLease)
          .map((name) => join(directory, name))
      : [];
  const roots = rootDirectories(storeDirectory);
  const written = [
    ...[storeDirectory, join(storeDirectory, 'tmp'), join(storeDirectory, 'cluster', 'claims')],
    ...roots.flatMap((root) => [root, join(root, 'runs')]),
  ];
  return [
    ...written.flatMap((directory) => matching(directory, temporaryName)),
    ...matching(join(storeDirectory, 'leases'), leaseName),
  ];
}
