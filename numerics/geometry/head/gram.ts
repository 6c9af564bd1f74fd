/**
 * Sums over all pairs of rows of W: [n, m] without the pairs: by m x m Gram matrices in n m^2 work, where the pairs would
 * take n^2 m. A Gram matrix takes 4 m^2 bytes, since half of it is kept, in float64.
 */
import { exp } from '../../elementary.ts';
import { overlapMemory } from '../kernels/overlaps.ts';
import { welchBoundSquared } from '../overlaps.ts';
import { directedCount, leastNorm, rowStride, runRows } from './rows.ts';
import type { RowReader, Watch } from './rows.ts';

export interface MeanSquareOverlap {
  /** Rows with a direction: those that are not zero. */
  readonly count: number;
  /** Mean of cos^2 over pairs of them. */
  readonly meanSquare: number;
  /** kappa^2, an exact lower bound of it. */
  readonly welchBoundSquared: number;
}

/**
 * With unit rows w, the sum of cos^2 over all pairs is ||w^T w||_F^2 (Sec. 3). `norms`: of `rowNorms`. Throws if the mean
 * lies below Welch's bound by more than rounding, which no rows can.
 */
export async function meanSquareOverlap(
  reader: RowReader,
  norms: Float64Array,
  watch?: Watch,
): Promise<MeanSquareOverlap> {
  const { unit } = await gramMatrices(reader, { unit: (row) => (norms[row]! > 0 ? 1 / norms[row]! : 0) }, watch);
  return meanSquareOverlapOf(unit.times(unit) - directedCount(norms), norms, reader.width);
}

/** The same from the sum of cos^2 over all i != j. Throws likewise. */
export function meanSquareOverlapOf(sum: number, norms: Float64Array, width: number): MeanSquareOverlap {
  const count = directedCount(norms);
  const meanSquare = Math.max(0, sum / (count * (count - 1)));
  const bound = welchBoundSquared(count, width);
  if (meanSquare < bound * (1 - 1e-6))
    throw new Error(
      `mean square overlap ${meanSquare} of ${count} rows in ${width} dimensions is below Welch's bound ${bound}`,
    );
  return { count, meanSquare, welchBoundSquared: bound };
}

/**
 * Eq. 14 (App. A.2), (1/2) sum over j of (W_i . W_j / ||W_i||)^2 e^-||W_i||, averaged over the rows i that are not zero. The sum
 * over j is W_i^T G W_i with G = W^T W, so the mean over i is the inner product of G and sum_i c_i W_i W_i^T with
 * c_i = e^-||W_i|| / ||W_i||^2.
 */
export async function crossEntropyOverlap(reader: RowReader, norms: Float64Array, watch?: Watch): Promise<number> {
  // So that the weights of the shortest rows, which count most, are near 1 whatever the norms.
  const least = leastNorm(norms);
  const { plain, weighted } = await gramMatrices(
    reader,
    { plain: () => 1, weighted: (row) => (norms[row]! > 0 ? exp((least - norms[row]!) / 2) / norms[row]! : 0) },
    watch,
  );
  let self = 0;
  for (const norm of norms) if (norm > 0) self += exp(least - norm) * norm * norm;
  return crossEntropyOverlapOf(plain.times(weighted) - self, norms);
}

/** The same from the sum over all i != j of (W_i . W_j / |W_i|)^2 e^(s - |W_i|), with s the least norm that is not 0. */
export function crossEntropyOverlapOf(sum: number, norms: Float64Array): number {
  return (exp(-leastNorm(norms)) * Math.max(0, sum)) / (2 * directedCount(norms));
}

interface GramMatrix {
  /** <G, H>, the sum over all elements of both. */
  times(other: GramMatrix): number;
  readonly place: number;
}

/** sum_i (f_i W_i)(f_i W_i)^T for each of the factors, in one pass over the rows. */
async function gramMatrices<Name extends string>(
  reader: RowReader,
  factors: Readonly<Record<Name, (row: number) => number>>,
  watch: Watch = () => undefined,
): Promise<Record<Name, GramMatrix>> {
  const { rows, width } = reader;
  const stride = rowStride(width);
  const panelCount = stride / 8;
  const names = Object.keys(factors) as Name[];
  const gramBytes = ((panelCount * (panelCount + 1)) / 2) * 512;
  const { kernels, at, buffer } = overlapMemory<string>({
    rows: runRows * stride * 4,
    factors: runRows * 8,
    panels: runRows * stride * 4,
    ...Object.fromEntries(names.map((name) => [`gram ${name}`, gramBytes])),
  });
  for (let begin = 0; begin < rows; begin += runRows) {
    const count = Math.min(runRows, rows - begin);
    await reader.read(begin, count, new Float32Array(buffer, at['rows'], runRows * stride), stride);
    const scale = new Float64Array(buffer, at['factors'], count);
    for (const [k, name] of names.entries()) {
      for (let i = 0; i < count; i++) scale[i] = factors[name](begin + i);
      kernels.packColumns(at['rows']!, count, stride, at['factors']!, at['panels']!);
      kernels.addGram(at['panels']!, panelCount, count, at[`gram ${name}`]!);
      await watch((begin + (count * (k + 1)) / names.length) / rows);
    }
  }
  const matrix = (name: Name): GramMatrix => {
    const place = at[`gram ${name}`]!;
    return { place, times: (other) => kernels.innerProduct(place, other.place, panelCount) };
  };
  return Object.fromEntries(names.map((name) => [name, matrix(name)])) as Record<Name, GramMatrix>;
}
