import { withGpu } from '../../../numerics/webgpu/device.ts';
import { pairSums } from '../../../numerics/geometry/webgpu/pair-sums.ts';
import { crossEntropyOverlapOf, meanSquareOverlapOf } from '../../../numerics/geometry/head/gram.ts';
import { pairStatisticsOf, sampledPairStatistics } from '../../../numerics/geometry/head/pairs.ts';
import { aroundMean } from './measure.ts';
import { measureWith } from './measure-with.ts';

/** One pass over all pairs tells everything: with a graphics card that takes seconds, and no Gram matrix is needed. */
export const run = measureWith(async (reader, norms, pairs, key, watch) => {
  const share = pairs === 'all' ? 0.5 : 0.25;
  const sums = await withGpu((gpu) => pairSums(gpu, reader, norms, (done) => watch(share * done)));
  const centred: Parameters<typeof aroundMean>[2] = async (rows, lengths, report) => {
    const { square } = await withGpu((gpu) => pairSums(gpu, rows, lengths, report));
    return meanSquareOverlapOf(2 * square, lengths, rows.width);
  };
  return {
    meanSquare: meanSquareOverlapOf(2 * sums.square, norms, reader.width),
    centredMeanSquare: await aroundMean(reader, norms, centred, (done) => watch(share + share * done)),
    crossEntropyOverlap: crossEntropyOverlapOf(sums.weighted, norms),
    pairs:
      pairs === 'all'
        ? pairStatisticsOf(sums, norms)
        : await sampledPairStatistics(reader, norms, pairs, key, (done) => watch(0.5 + 0.5 * done)),
  };
});
