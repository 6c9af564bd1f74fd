import { createHash } from 'node:crypto';
import { canonicalJson } from 'repro/runtime';
import { streamKey } from '../../numerics/random/streams.ts';
import type { StreamKey } from '../../numerics/random/streams.ts';

/** The stream of random numbers for one purpose: what it is for, and whatever else should give other numbers. */
export function streamFor(purpose: Readonly<Record<string, string | number>>): StreamKey {
  return streamKey(createHash('sha256').update(canonicalJson(purpose)).digest('hex'));
}
