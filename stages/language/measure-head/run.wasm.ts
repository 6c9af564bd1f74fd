import { crossEntropyOverlap, meanSquareOverlap } from '../../../numerics/geometry/head/gram.ts';
import { allPairStatistics, sampledPairStatistics } from '../../../numerics/geometry/head/pairs.ts';
import { aroundMean } from './measure.ts';
import { measureWith } from './measure-with.ts';

/** Mean squares by Gram matrices, in n m^2 work; |cos| pair by pair. */
export const run = measureWith(async (reader, norms, pairs, key, watch) => {
  const last = (done: number): void | Promise<void> => watch(0.6 + 0.4 * done);
  return {
    meanSquare: await meanSquareOverlap(reader, norms, (done) => watch(0.15 * done)),
    centredMeanSquare: await aroundMean(reader, norms, meanSquareOverlap, (done) => watch(0.15 + 0.15 * done)),
    crossEntropyOverlap: await crossEntropyOverlap(reader, norms, (done) => watch(0.3 + 0.3 * done)),
    pairs:
      pairs === 'all'
        ? await allPairStatistics(reader, norms, last)
        : await sampledPairStatistics(reader, norms, pairs, key, last),
  };
});
