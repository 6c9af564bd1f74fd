import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../graph/digest.ts';
import type { ActionResult, Store } from '../store/store.ts';
import { storedNames } from './stored-names.ts';

/** Something in the store that is not what its name says. It has been removed. */
export interface Fault {
  /** `cas/<digest>`, `ac/<key>` or a file of by-name. */
  readonly path: string;
  readonly problem: string;
  /** Nodes whose result it belonged to, with the parameter set: `quick: train[m=10].weights`. */
  readonly nodes: readonly string[];
}

export interface StoreCheck {
  readonly blobs: number;
  readonly results: number;
  readonly faults: readonly Fault[];
}

/**
 * Rehashes every blob and reads every result and name. What is damaged is removed, and so are results that lack a
 * blob, so that `run` builds them again. Hashing takes minutes, in which runs may record results and `gc` may remove
 * some: results are listed before, and whether their blobs are there is asked after.
 */
export function checkStore(store: Store): StoreCheck {
  const names = storedNames(store.directory);
  const nodesOf = new Map<string, string[]>();
  for (const { set, record } of names) {
    if (record) nodesOf.set(record.key, [...(nodesOf.get(record.key) ?? []), `${set}: ${record.node}`]);
  }
  const faults: Fault[] = [];

  const keys = store.keys();
  const digests = store.blobs();
  const damaged = new Map<string, string[]>();
  for (const digest of digests) if (isDamaged(store, digest)) damaged.set(digest, []);

  for (const key of keys) {
    const nodes = nodesOf.get(key) ?? [];
    const result = store.readResult(key);
    if (!result) {
      if (!existsSync(join(store.directory, 'ac', key))) continue;
      faults.push({ path: `ac/${key}`, problem: 'cannot be read as a result', nodes });
      store.forgetResult(key);
      continue;
    }
    const incomplete = blobsOf(result).filter(({ digest }) => !existsSync(store.blobPath(digest)));
    if (incomplete.length === 0) continue;
    for (const { name, digest } of incomplete) {
      const owners = (nodes.length ? nodes : [`key ${key.slice(0, 12)}`]).map((node) => `${node}.${name}`);
      if (damaged.has(digest)) damaged.get(digest)!.push(...owners);
      else faults.push({ path: `cas/${digest}`, problem: 'is missing', nodes: owners });
    }
    store.forgetResult(key);
  }
  for (const [digest, nodes] of damaged) {
    const { found } = store.damaged.find((damage) => damage.digest === digest)!;
    faults.push({ path: `cas/${digest}`, problem: `hashes to ${found.slice(0, 12)}...`, nodes });
  }
  for (const { set, file, record } of names) {
    if (record) continue;
    faults.push({ path: file.slice(store.directory.length + 1), problem: 'cannot be read as a record', nodes: [] });
    rmSync(file, { force: true });
    rmSync(join(store.directory, 'by-name', `${set}.json`), { force: true });
  }
  if (damaged.size > 0) store.index.compact();
  return { blobs: digests.length, results: keys.length, faults };
}

/** A blob that `gc` has removed by now is not. */
function isDamaged(store: Store, digest: Digest): boolean {
  try {
    return store.rehash(digest) === 'damaged';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function blobsOf({ outputs, trace }: ActionResult): { name: string; digest: Digest }[] {
  return [
    ...Object.entries(outputs).map(([name, { digest }]) => ({ name, digest })),
    { name: 'trace', digest: trace.digest },
  ];
}
