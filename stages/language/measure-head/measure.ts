/** Norms and overlaps of the rows of one head (App. C.1, D.8) and Eq. 14 on them (App. A.2). */
import { centredRows } from '../../../numerics/geometry/head/centred.ts';
import type { MeanSquareOverlap } from '../../../numerics/geometry/head/gram.ts';
import type { PairSample, PairStatistics } from '../../../numerics/geometry/head/pairs.ts';
import { directedCount, rowNorms } from '../../../numerics/geometry/head/rows.ts';
import type { RowReader, Watch } from '../../../numerics/geometry/head/rows.ts';
import type { StreamKey } from '../../../numerics/random/streams.ts';
import { mean, standardDeviation } from '../../../numerics/statistics/moments.ts';
import type { ValueOf } from 'repro';
import type { HeadMeasurement } from '../artifacts.ts';

/** Bins of a histogram of norms. */
const bins = 60;

/** What the directions of rows that are not zero have in common, two by two. */
export interface HeadOverlaps {
  readonly meanSquare: MeanSquareOverlap;
  readonly pairs: PairStatistics;
  /** Mean of cos^2 once the mean row is taken away. */
  readonly centredMeanSquare: number | null;
  /** Eq. 14, averaged over the rows. */
  readonly crossEntropyOverlap: number;
}

/** The mean square overlap of the rows less their mean, by a backend's way of taking it; null where there is no direction left. */
export async function aroundMean(
  reader: RowReader,
  norms: Float64Array,
  overlapOf: (reader: RowReader, norms: Float64Array, watch: Watch) => Promise<MeanSquareOverlap>,
  watch: Watch,
): Promise<number | null> {
  const centred = await centredRows(reader, norms, (done) => watch(0.2 * done));
  if (directedCount(centred.norms) < 2) return null;
  return (await overlapOf(centred.reader, centred.norms, (done) => watch(0.2 + 0.8 * done))).meanSquare;
}

/** `norms`: of all rows, at least two of them not 0. `key`: of the random numbers that pick a sample of pairs. */
export type OverlapMeasure = (
  reader: RowReader,
  norms: Float64Array,
  pairs: 'all' | PairSample,
  key: StreamKey,
  watch: Watch,
) => Promise<HeadOverlaps>;

/** Throws if fewer than two rows have a direction. */
export async function measureHead(
  { model, family }: { readonly model: string; readonly family: string },
  reader: RowReader,
  overlapsOf: (norms: Float64Array, watch: Watch) => Promise<HeadOverlaps>,
  watch: Watch,
): Promise<ValueOf<typeof HeadMeasurement>> {
  const norms = await rowNorms(reader, (done) => watch(0.02 * done));
  const directed = directedCount(norms);
  if (directed < 2) throw new Error(`${model}: ${directed} rows of the head are not zero: expected at least 2`);
  const overlaps = await overlapsOf(norms, (done) => watch(0.02 + 0.98 * done));
  const { meanSquare, welchBoundSquared } = overlaps.meanSquare;
  const {
    pairs: count,
    sampled,
    meanAbsolute,
    varianceAbsolute,
    maximumAbsolute,
    meanAbsoluteError,
    varianceAbsoluteError,
  } = overlaps.pairs;
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
      centredMeanSquare: overlaps.centredMeanSquare,
      pairs: {
        count,
        sampled,
        meanAbsolute,
        varianceAbsolute,
        maximumAbsolute,
        meanAbsoluteError,
        varianceAbsoluteError,
      },
      norm: { mean: mean(norms), standardDeviation: standardDeviation(norms), minimum, maximum },
      crossEntropyOverlap: overlaps.crossEntropyOverlap,
    },
    normHistogram: histogram(sorted, minimum, maximum),
  };
}

function histogram(
  norms: Float64Array,
  minimum: number,
  maximum: number,
): { from: number; width: number; counts: number[] } {
  // Rows of one length make one bin.
  const width = maximum > minimum ? (maximum - minimum) / bins : Math.max(maximum, 1) / bins;
  const counts = new Array<number>(maximum > minimum ? bins : 1).fill(0);
  for (const norm of norms) counts[Math.min(counts.length - 1, Math.floor((norm - minimum) / width))]!++;
  return { from: minimum, width, counts };
}
