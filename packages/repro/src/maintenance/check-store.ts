import { existsSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Digest, Key } from '../graph/digest.ts';
import { keyScheme } from '../plan/key.ts';
import { readTrace } from '../plan/trace.ts';
import { readNames, writeNames } from '../store/by-name.ts';
import { readRoot, rootDirectories } from '../store/root.ts';
import type { ActionResult, Store } from '../store/store.ts';
import { misfit } from '../travel/result-check.ts';

/** Something in the store that is not what its name says. It has been removed. */
export interface Fault {
  /** `cas/<digest>`, `ac/<key>` or a file of a root. */
  readonly path: string;
  readonly problem: string;
  /** Nodes whose result it belonged to, with the parameter set: `quick: train[m=10].weights`. */
  readonly nodes: readonly string[];
}

export interface StoreCheck {
  readonly blobs: number;
  readonly results: number;
  /** Results of another key scheme, whose keys this version cannot compute. */
  readonly otherSchemes: number;
  readonly faults: readonly Fault[];
}

/**
 * Rehashes every blob, reads every result and name, and computes every key again from the components in its trace.
 * What is damaged or does not fit is removed, and so are results that lack a blob, so that `run` builds them again.
 * Hashing takes minutes, in which runs may record results and `gc` may remove some: results are listed before, and
 * whether their blobs are there is asked after.
 */
export function checkStore(store: Store): StoreCheck {
  const roots = rootDirectories(store.directory).map((directory) => ({
    directory,
    label: readRoot(directory)?.label ?? '?',
    names: readNames(directory),
  }));
  const nodesOf = new Map<string, Set<string>>();
  for (const { label, names } of roots) {
    for (const { key, node } of names.records.values())
      nodesOf.set(key, (nodesOf.get(key) ?? new Set()).add(`${label}: ${node}`));
  }
  const faults: Fault[] = [];
  let otherSchemes = 0;

  const keys = store.keys();
  const digests = store.blobs();
  const damaged = new Map<string, string[]>();
  for (const digest of digests) if (isDamaged(store, digest)) damaged.set(digest, []);

  for (const key of keys) {
    const nodes = [...(nodesOf.get(key) ?? [])];
    const result = store.readResult(key);
    if (!result) {
      if (!existsSync(join(store.directory, 'ac', key))) continue;
      faults.push({ path: `ac/${key}`, problem: 'cannot be read as a result', nodes });
      store.forgetResult(key);
      continue;
    }
    const incomplete = blobsOf(result).filter(
      ({ digest }) => !existsSync(store.blobPath(digest)) && !store.elsewhere.has(digest),
    );
    for (const { name, digest } of incomplete) {
      const owners = (nodes.length ? nodes : [`key ${key.slice(0, 12)}`]).map((node) => `${node}.${name}`);
      if (damaged.has(digest)) damaged.get(digest)!.push(...owners);
      else faults.push({ path: `cas/${digest}`, problem: 'is missing', nodes: owners });
    }
    const problem = incomplete.length > 0 ? undefined : problemOf(store, key, result);
    if (problem === 'other scheme') otherSchemes++;
    else if (problem !== undefined) faults.push({ path: `ac/${key}`, problem, nodes });
    if (incomplete.length > 0 || (problem !== undefined && problem !== 'other scheme')) store.forgetResult(key);
  }
  for (const [digest, nodes] of damaged) {
    const { found } = store.damaged.find((damage) => damage.digest === digest)!;
    faults.push({ path: `cas/${digest}`, problem: `hashes to ${found.slice(0, 12)}...`, nodes });
  }
  for (const { directory, names } of roots) {
    if (names.damaged === 0) continue;
    const path = relative(store.directory, join(directory, 'names.jsonl')).replaceAll('\\', '/');
    faults.push({ path, problem: `has ${names.damaged} lines that cannot be read as records`, nodes: [] });
    if (names.records.size > 0) writeNames(directory, readNames(directory).records.values());
    else rmSync(join(directory, 'names.jsonl'), { force: true });
  }
  if (damaged.size > 0) store.index.compact();
  return { blobs: digests.length, results: keys.length, otherSchemes, faults };
}

/** Why a result is not that of its key by its own trace; undefined if it is. */
function problemOf(store: Store, key: Key, result: ActionResult): string | undefined {
  const trace = readTrace(store, result.trace);
  if (!trace) return 'has a trace that cannot be read';
  return trace.scheme === keyScheme ? misfit(key, result, trace) : 'other scheme';
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
