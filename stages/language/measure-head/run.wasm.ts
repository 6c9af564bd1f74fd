import { crossEntropyOverlap, meanSquareOverlap } from '../../../numerics/geometry/head/gram.ts';
import { allPairStatistics, sampledPairStatistics } from '../../../numerics/geometry/head/pairs.ts';
import { measureWith } from './measure-with.ts';

/** Mean squares by Gram matrices, in n m^2 work; |cos| pair by pair. */
export const run = measureWith(async (reader, norms, pairs, key, watch) => {
  const last = (done: number): void | Promise<void> => watch(0.5 + 0.5 * done);
  return {
    meanSquare: await meanSquareOverlap(reader, norms, (done) => watch(0.2 * done)),
    crossEntropyOverlap: await crossEntropyOverlap(reader, norms, (done) => watch(0.2 + 0.3 * done)),
    pairs:
      pairs === 'all'
        ? await allPairStatistics(reader, norms, last)
        : await sampledPairStatistics(reader, norms, pairs, key, last),
  };
});
