import { createHash } from 'node:crypto';
import type { InitialBias } from '../toy-model/initial-weights.ts';
import { sortedJson } from './sorted-json.ts';
import type { PlainValue } from './sorted-json.ts';
import { streamKey } from './streams.ts';
import type { StreamKey } from './streams.ts';

/**
 * The stream of one model: of its initial weights and its training samples. `distribution`: the numeric parameters of
 * its feature frequencies, as the distribution's file carries them; `training`: every parameter of its training. Of
 * these `initialBias` does not count: models that differ in it alone draw the same numbers, so that their initial W and
 * their samples are equal and a comparison between them is a paired one.
 */
export function modelStream(
  distribution: string,
  {
    initialBias: _,
    ...training
  }: { readonly initialBias: InitialBias; readonly [parameter: string]: PlainValue | InitialBias },
): StreamKey {
  const model = sortedJson({ for: 'training', distribution: JSON.parse(distribution) as PlainValue, ...training });
  return streamKey(createHash('sha256').update(model).digest('hex'));
}
