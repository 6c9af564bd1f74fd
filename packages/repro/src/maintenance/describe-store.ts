import { statSync } from 'node:fs';
import type { Digest } from '../graph/digest.ts';
import { readTrace } from '../plan/trace.ts';
import type { Store } from '../store/store.ts';
import { storedRoots } from './roots.ts';

export interface StoreDescription {
  /** By size, the largest first. A blob counts for the first stage that names it. */
  readonly stages: readonly StageHoldings[];
  readonly roots: readonly {
    readonly label: string;
    readonly project: string;
    readonly state: 'used' | 'gone' | 'reported';
    readonly results: number;
    readonly lastRun: string | undefined;
  }[];
  readonly unnamedBytes: number;
}

export interface StageHoldings {
  readonly stage: string;
  readonly results: number;
  readonly bytes: number;
  /** Blobs that results name and this store does not hold. */
  readonly elsewhere: number;
  /** ISO 8601: when its oldest result was computed. */
  readonly oldest: string;
}

export function describeStore(store: Store): StoreDescription {
  const sizes = new Map<Digest, number>();
  for (const digest of store.blobs()) sizes.set(digest, statSync(store.blobPath(digest)).size);
  const stages = new Map<string, { results: number; bytes: number; elsewhere: number; oldest: string }>();
  for (const key of store.keys()) {
    const result = store.readResult(key);
    const trace = result && readTrace(store, result.trace);
    const holdings = stages.get(trace?.stage ?? 'unknown') ?? { results: 0, bytes: 0, elsewhere: 0, oldest: '' };
    stages.set(trace?.stage ?? 'unknown', holdings);
    holdings.results++;
    if (trace && (holdings.oldest === '' || trace.finishedAt < holdings.oldest)) holdings.oldest = trace.finishedAt;
    for (const { digest } of result ? [...Object.values(result.outputs), result.trace] : []) {
      const size = sizes.get(digest);
      if (size !== undefined) holdings.bytes += size;
      else if (store.elsewhere.has(digest)) holdings.elsewhere++;
      sizes.delete(digest);
    }
  }
  return {
    stages: [...stages].map(([stage, held]) => ({ stage, ...held })).sort((a, b) => b.bytes - a.bytes),
    roots: storedRoots(store.directory, 1).map(({ facts, state, keys, lastRun }) => ({
      label: facts?.label ?? '?',
      project: facts?.project ?? '?',
      state,
      results: keys.size,
      lastRun,
    })),
    unnamedBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
  };
}
