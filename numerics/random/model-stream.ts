import { createHash } from 'node:crypto';
import { canonicalJson } from 'repro/runtime';
import { streamKey } from './streams.ts';
import type { StreamKey } from './streams.ts';

/**
 * The stream of one model: of its initial weights and its training samples. `distribution`: the numeric parameters of
 * its feature frequencies, as the distribution's file carries them; `training`: every parameter of its training.
 */
export function modelStream(distribution: string, training: object): StreamKey {
  const model = canonicalJson({ for: 'training', distribution: JSON.parse(distribution) as unknown, ...training });
  return streamKey(createHash('sha256').update(model).digest('hex'));
}
