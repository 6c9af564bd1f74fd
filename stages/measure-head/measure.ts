/** Norms and overlaps of the rows of one head (App. C.1, D.8) and Eq. 14 on them (App. A.2). */
import { crossEntropyOverlap, meanSquareOverlap } from '../../numerics/head/gram.ts';
import { allPairStatistics, sampledPairStatistics } from '../../numerics/head/pairs.ts';
import type { PairSample } from '../../numerics/head/pairs.ts';
import { rowNorms } from '../../numerics/head/rows.ts';
import type { RowReader, Watch } from '../../numerics/head/rows.ts';
import type { StreamKey } from '../../numerics/random/streams.ts';
import { mean, standardDeviation } from '../../numerics/statistics.ts';
import type { ValueOf } from '../../engine/index.ts';
import type { HeadMeasurement } from '../language-artifacts.ts';

/** Bins of a histogram of norms. */
const bins = 60;

/** `key`: of the random numbers that pick a sample of pairs. Throws if fewer than two rows have a direction. */
export async function measureHead(
  { model, family }: { readonly model: string; readonly family: string },
  reader: RowReader,
  pairs: 'all' | PairSample,
  key: StreamKey,
  watch: Watch,
): Promise<ValueOf<typeof HeadMeasurement>> {
  const norms = await rowNorms(reader, (done) => watch(0.02 * done));
  const { count: directed, meanSquare, welchBoundSquared } = await meanSquareOverlap(reader, norms, (done) => watch(0.02 + 0.18 * done));
  if (directed < 2) throw new Error(`${model}: ${directed} rows of the head are not zero: expected at least 2`);
  const eq14 = await crossEntropyOverlap(reader, norms, (done) => watch(0.2 + 0.3 * done));
  const last: Watch = (done) => watch(0.5 + 0.5 * done);
  const found = pairs === 'all' ? await allPairStatistics(reader, norms, last) : await sampledPairStatistics(reader, norms, pairs, key, last);
  const { pairs: count, sampled, meanAbsolute, varianceAbsolute, maximumAbsolute, meanAbsoluteError, varianceAbsoluteError } = found;
  const sorted = Float64Array.from(norms).sort();
  const [minimum, maximum] = [sorted[0]!, sorted.at(-1)!];
  return {
    summary: {
      model,
      family,
      n: reader.rows,
      m: reader.width,
      directed,
      meanSquare,
      welchBoundSquared,
      pairs: { count, sampled, meanAbsolute, varianceAbsolute, maximumAbsolute, meanAbsoluteError, varianceAbsoluteError },
      norm: { mean: mean(norms), standardDeviation: standardDeviation(norms), minimum, maximum },
      crossEntropyOverlap: eq14,
    },
    normHistogram: histogram(sorted, minimum, maximum),
  };
}

function histogram(norms: Float64Array, minimum: number, maximum: number): { from: number; width: number; counts: number[] } {
  // Rows of one length make one bin.
  const width = maximum > minimum ? (maximum - minimum) / bins : Math.max(maximum, 1) / bins;
  const counts = new Array<number>(maximum > minimum ? bins : 1).fill(0);
  for (const norm of norms) counts[Math.min(counts.length - 1, Math.floor((norm - minimum) / width))]!++;
  return { from: minimum, width, counts };
}
