import { withGpu } from '../../../numerics/webgpu/device.ts';
import { pairSums } from '../../../numerics/geometry/webgpu/pair-sums.ts';
import { crossEntropyOverlapOf, meanSquareOverlapOf } from '../../../numerics/geometry/head/gram.ts';
import { pairStatisticsOf, sampledPairStatistics } from '../../../numerics/geometry/head/pairs.ts';
import { measureWith } from './measure-with.ts';

/** One pass over all pairs tells everything: with a graphics card that takes seconds, and no Gram matrix is needed. */
export const run = measureWith(async (reader, norms, pairs, key, watch) => {
  const share = pairs === 'all' ? 1 : 0.5;
  const sums = await withGpu((gpu) => pairSums(gpu, reader, norms, (done) => watch(share * done)));
  return {
    meanSquare: meanSquareOverlapOf(2 * sums.square, norms, reader.width),
    crossEntropyOverlap: crossEntropyOverlapOf(sums.weighted, norms),
    pairs:
      pairs === 'all'
        ? pairStatisticsOf(sums, norms)
        : await sampledPairStatistics(reader, norms, pairs, key, (done) => watch(0.5 + 0.5 * done)),
  };
});
