/** |cos| over pairs of rows of W: [n, m], all of them in n^2 m work, or a stated sample with its error. */
import { blocksBytes, overlapMemory } from '../kernels/overlaps.ts';
import { philox4x32 } from '../../random/philox.ts';
import type { StreamKey } from '../../random/streams.ts';
import { mean, standardError } from '../../statistics/moments.ts';
import { directedCount, meetings, rowStride, runRows } from './rows.ts';
import type { RowReader, Watch } from './rows.ts';

/** Rows held while all later ones pass by, in bytes. */
const heldBytes = 402_653_184;

export interface PairStatistics {
  /** Pairs looked at, and whether they are all there are. */
  readonly pairs: number;
  readonly sampled: boolean;
  /** Of |cos|; its mean square as these pairs have it. */
  readonly meanAbsolute: number;
  readonly meanSquare: number;
  readonly varianceAbsolute: number;
  readonly maximumAbsolute: number;
  /** Standard errors of the mean and the variance of |cos| from sampling; 0 where all pairs are seen. */
  readonly meanAbsoluteError: number;
  readonly varianceAbsoluteError: number;
}

interface Sums {
  readonly absolute: number;
  readonly square: number;
  readonly largest: number;
}

/** |cos| over all pairs of rows that are not zero. */
export async function allPairStatistics(
  reader: RowReader,
  norms: Float64Array,
  watch: Watch = () => undefined,
  held = heldBytes,
): Promise<PairStatistics> {
  const { rows, width } = reader;
  const stride = rowStride(width);
  const heldRows = Math.max(
    runRows,
    Math.min(Math.floor(held / (stride * 4) / runRows) * runRows, Math.ceil(rows / runRows) * runRows),
  );
  const { kernels, at, buffer } = overlapMemory({
    rows: runRows * stride * 4,
    factors: runRows * 8,
    left: heldRows * stride * 4,
    right: runRows * stride * 4,
    blocks: blocksBytes,
    sums: 24,
  });
  const pack = async (begin: number, count: number, target: number): Promise<number> => {
    await reader.read(begin, count, new Float32Array(buffer, at.rows, runRows * stride), stride);
    const factors = new Float64Array(buffer, at.factors, count);
    for (let i = 0; i < count; i++) factors[i] = norms[begin + i]! > 0 ? 1 / norms[begin + i]! : 0;
    kernels.packRows(at.rows, count, stride, at.factors, target);
    return Math.ceil(count / 8);
  };
  let leftPanels = 0;
  for (const { first, begin, count, joins, done } of meetings(rows, heldRows)) {
    if (begin === first) leftPanels = 0;
    const target = joins ? at.left + leftPanels * stride * 32 : at.right;
    const panels = await pack(begin, count, target);
    kernels.addOverlaps(at.left, leftPanels, target, panels, stride, false, at.blocks, at.sums);
    if (joins) {
      kernels.addOverlaps(target, panels, target, panels, stride, true, at.blocks, at.sums);
      leftPanels += panels;
    }
    await watch(done);
  }
  const [absolute, square, largest] = new Float64Array(buffer, at.sums, 3) as unknown as [number, number, number];
  return pairStatisticsOf({ absolute, square, largest }, norms);
}

/** From the sums of |cos| and cos^2 over all pairs of rows that are not zero, and the largest |cos|. */
export function pairStatisticsOf(sums: Sums, norms: Float64Array): PairStatistics {
  const directed = directedCount(norms);
  const pairs = (directed * (directed - 1)) / 2;
  return { ...ofSums(sums, pairs), pairs, sampled: false, meanAbsoluteError: 0, varianceAbsoluteError: 0 };
}

/** A stated sample of pairs: all those within each of so many groups of so many different rows, drawn anew for each group. */
export interface PairSample {
  readonly groups: number;
  readonly rows: number;
}

/**
 * |cos| over such a sample. Groups are independent of each other and every pair is as likely as any other, so the mean
 * over groups is unbiased and its error is their scatter. The words of Philox under `key` with counter (block, group,
 * 0, 0) pick the rows.
 */
export async function sampledPairStatistics(
  reader: RowReader,
  norms: Float64Array,
  sample: PairSample,
  key: StreamKey,
  watch: Watch = () => undefined,
): Promise<PairStatistics> {
  const { width } = reader;
  const stride = rowStride(width);
  const directed = [...norms.keys()].filter((row) => norms[row]! > 0);
  if (sample.groups < 2 || sample.rows < 2 || sample.rows > directed.length) {
    throw new RangeError(
      `a sample of ${sample.groups} groups of ${sample.rows} rows: expected two or more groups of 2 to ${directed.length} rows`,
    );
  }
  const size = Math.ceil(sample.rows / 8) * 8;
  const { kernels, at, buffer } = overlapMemory({
    rows: size * stride * 4,
    factors: size * 8,
    panels: size * stride * 4,
    blocks: blocksBytes,
    sums: 24,
  });
  const pairs = (sample.rows * (sample.rows - 1)) / 2;
  const found: ReturnType<typeof ofSums>[] = [];
  for (let group = 0; group < sample.groups; group++) {
    const chosen = distinctRows(directed, sample.rows, group, key);
    const factors = new Float64Array(buffer, at.factors, sample.rows);
    for (const [i, row] of chosen.entries()) {
      await reader.read(row, 1, new Float32Array(buffer, at.rows + i * stride * 4, stride), stride);
      factors[i] = 1 / norms[row]!;
    }
    kernels.packRows(at.rows, sample.rows, stride, at.factors, at.panels);
    const sums = new Float64Array(buffer, at.sums, 3).fill(0);
    kernels.addOverlaps(at.panels, size / 8, at.panels, size / 8, stride, true, at.blocks, at.sums);
    found.push(ofSums({ absolute: sums[0]!, square: sums[1]!, largest: sums[2]! }, pairs));
    await watch((group + 1) / sample.groups);
  }
  const meanAbsolute = mean(found.map((one) => one.meanAbsolute));
  const meanSquare = mean(found.map((one) => one.meanSquare));
  // The variance is a function of both means: its error by the scatter of its linear part in each group.
  const linear = found.map((one) => one.meanSquare - 2 * meanAbsolute * one.meanAbsolute);
  return {
    pairs: pairs * sample.groups,
    sampled: true,
    meanAbsolute,
    meanSquare,
    varianceAbsolute: Math.max(0, meanSquare - meanAbsolute * meanAbsolute),
    maximumAbsolute: Math.max(...found.map((one) => one.maximumAbsolute)),
    meanAbsoluteError: standardError(found.map((one) => one.meanAbsolute)),
    varianceAbsoluteError: standardError(linear),
  };
}

function ofSums(
  { absolute, square, largest }: Sums,
  pairs: number,
): Pick<PairStatistics, 'meanAbsolute' | 'meanSquare' | 'varianceAbsolute' | 'maximumAbsolute'> {
  const meanAbsolute = absolute / pairs;
  const meanSquare = square / pairs;
  return {
    meanAbsolute,
    meanSquare,
    varianceAbsolute: Math.max(0, meanSquare - meanAbsolute * meanAbsolute),
    maximumAbsolute: largest,
  };
}

/** So many different ones of the rows, each set equally likely: the head of a Fisher-Yates shuffle, in ascending order. */
function distinctRows(rows: readonly number[], count: number, group: number, key: StreamKey): number[] {
  const moved = new Map<number, number>();
  const block = new Uint32Array(4);
  const chosen: number[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) philox4x32(block, i >>> 2, group, 0, 0, key.k0, key.k1);
    const j = i + Math.floor((block[i % 4]! / 4294967296) * (rows.length - i));
    chosen.push(rows[moved.get(j) ?? j]!);
    moved.set(j, moved.get(i) ?? i);
  }
  return chosen.sort((a, b) => a - b);
}
