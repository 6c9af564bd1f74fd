/** The geometry of sets of directions: overlaps, Welch's bound, and what random directions would do (Sec. 3, App. D.6). */
import { exp, lnGamma } from '../elementary.ts';

export interface Overlaps {
  /** Number of rows, nu. */
  readonly count: number;
  /** Mean of (w_i . w_j)^2 over pairs i < j. */
  readonly meanSquare: number;
  /** Mean and variance of |w_i . w_j|. */
  readonly meanAbsolute: number;
  readonly varianceAbsolute: number;
  readonly maximumAbsolute: number;
  /** kappa^2, an exact lower bound of meanSquare. */
  readonly welchBoundSquared: number;
}

/** kappa^2 = (nu - m)/(m (nu - 1)) (Eq. 5); 0 where nu <= m, since then the rows can be orthogonal. */
export function welchBoundSquared(count: number, m: number): number {
  return count > m ? (count - m) / (m * (count - 1)) : 0;
}

/** Rows `chosen` of W: [n, m], scaled to unit norm: [chosen.length, m]. A zero row has no direction: a RangeError. */
export function unitRows(w: ArrayLike<number>, m: number, chosen: ArrayLike<number>): Float64Array {
  const units = new Float64Array(chosen.length * m);
  for (let r = 0; r < chosen.length; r++) {
    const from = chosen[r]! * m;
    let square = 0;
    for (let k = 0; k < m; k++) square += w[from + k]! * w[from + k]!;
    if (!(square > 0)) throw new RangeError(`row ${chosen[r]} is zero: it has no direction`);
    const scale = 1 / Math.sqrt(square);
    for (let k = 0; k < m; k++) units[r * m + k] = w[from + k]! * scale;
  }
  return units;
}

/**
 * Overlap statistics of unit rows: [count, m]; undefined for fewer than 2 rows. Throws if the mean square lies below
 * Welch's bound by more than rounding, which no set of unit vectors can: the input is not one.
 */
export function overlapStatistics(units: Float64Array, m: number): Overlaps | undefined {
  const count = units.length / m;
  if (count < 2) return undefined;
  const square = (gramSquare(units, m) - fourthPowers(units, m)) / 2;
  const { sum, maximum } = absoluteOverlaps(units, m);
  return overlapsOf({ absolute: sum, square, largest: maximum }, count, m, 1e-9);
}

/**
 * Mean of (w_i . w_j)^2 over pairs i < j of unit rows: [count, m], with Welch's bound; undefined for fewer than 2 rows.
 * Takes count m^2 work, where the other statistics take count^2 m. Throws as `overlapStatistics` does.
 */
export function meanSquareOverlap(
  units: Float64Array,
  m: number,
): Pick<Overlaps, 'count' | 'meanSquare' | 'welchBoundSquared'> | undefined {
  const count = units.length / m;
  if (count < 2) return undefined;
  const square = (gramSquare(units, m) - fourthPowers(units, m)) / 2;
  const { meanSquare, welchBoundSquared } = overlapsOf({ absolute: 0, square, largest: 0 }, count, m, 1e-9);
  return { count, meanSquare, welchBoundSquared };
}

/** The statistics of `overlapStatistics` from the sums of |w_i . w_j| and of its square over pairs i < j, and the largest. `rounding`: relative, of the latter. */
export function overlapsOf(
  { absolute, square, largest }: { readonly absolute: number; readonly square: number; readonly largest: number },
  count: number,
  m: number,
  rounding: number,
): Overlaps {
  const pairs = (count * (count - 1)) / 2;
  const meanSquare = Math.max(0, square / pairs);
  const bound = welchBoundSquared(count, m);
  if (meanSquare < bound * (1 - rounding)) {
    throw new Error(
      `mean square overlap ${meanSquare} of ${count} rows in ${m} dimensions is below Welch's bound ${bound}: expected unit rows`,
    );
  }
  const meanAbsolute = absolute / pairs;
  return {
    count,
    meanSquare,
    meanAbsolute,
    varianceAbsolute: Math.max(0, meanSquare - meanAbsolute * meanAbsolute),
    maximumAbsolute: largest,
    welchBoundSquared: bound,
  };
}

/** sum_{i,j} (w_i . w_j)^2 = ||w^T w||_F^2: count m^2 work where the pairs would take count^2 m. */
function gramSquare(units: Float64Array, m: number): number {
  const gram = new Float64Array(m * m);
  for (let row = 0; row < units.length; row += m) {
    for (let a = 0; a < m; a++) {
      const scale = units[row + a]!;
      for (let b = a; b < m; b++) gram[a * m + b] = gram[a * m + b]! + scale * units[row + b]!;
    }
  }
  let sum = 0;
  for (let a = 0; a < m; a++) {
    sum += gram[a * m + a]! * gram[a * m + a]!;
    for (let b = a + 1; b < m; b++) sum += 2 * gram[a * m + b]! * gram[a * m + b]!;
  }
  return sum;
}

/** What the pairs i = j contribute: nearly one each. */
function fourthPowers(units: Float64Array, m: number): number {
  let sum = 0;
  for (let row = 0; row < units.length; row += m) {
    let square = 0;
    for (let k = 0; k < m; k++) square += units[row + k]! * units[row + k]!;
    sum += square * square;
  }
  return sum;
}

/** Sum and maximum of |w_i . w_j| over pairs i < j. */
export function absoluteOverlaps(units: Float64Array, m: number): { sum: number; maximum: number } {
  let sum = 0;
  let maximum = 0;
  forEachPair(units, m, (_i, _j, dot) => {
    const overlap = Math.abs(dot);
    sum += overlap;
    if (overlap > maximum) maximum = overlap;
  });
  return { sum, maximum };
}

/** Calls `visit` with the product of every two rows i < j of rows: [count, m], each pair once, in a fixed order. */
export function forEachPair(rows: Float64Array, m: number, visit: (i: number, j: number, dot: number) => void): void {
  const count = rows.length / m;
  const tiled = count - (count % 4);
  const single = (i: number, j: number): void => {
    let dot = 0;
    for (let k = 0; k < m; k++) dot += rows[i * m + k]! * rows[j * m + k]!;
    visit(i, j, dot);
  };
  // 4 x 4 products at a time, so that each load is used four times.
  const products = new Float64Array(16);
  for (let i = 0; i < tiled; i += 4) {
    for (let a = i; a < i + 4; a++) for (let b = a + 1; b < i + 4; b++) single(a, b);
    for (let j = i + 4; j < tiled; j += 4) {
      tileProducts(rows, m, i * m, j * m, products);
      for (let p = 0; p < 16; p++) visit(i + (p >> 2), j + (p & 3), products[p]!);
    }
    for (let j = tiled; j < count; j++) for (let a = i; a < i + 4; a++) single(a, j);
  }
  for (let i = tiled; i < count; i++) for (let j = i + 1; j < count; j++) single(i, j);
}

function tileProducts(u: Float64Array, m: number, i: number, j: number, out: Float64Array): void {
  let p00 = 0, p01 = 0, p02 = 0, p03 = 0, p10 = 0, p11 = 0, p12 = 0, p13 = 0; // prettier-ignore
  let p20 = 0, p21 = 0, p22 = 0, p23 = 0, p30 = 0, p31 = 0, p32 = 0, p33 = 0; // prettier-ignore
  const i1 = i + m, i2 = i1 + m, i3 = i2 + m, j1 = j + m, j2 = j1 + m, j3 = j2 + m; // prettier-ignore
  for (let k = 0; k < m; k++) {
    const a0 = u[i + k]!, a1 = u[i1 + k]!, a2 = u[i2 + k]!, a3 = u[i3 + k]!; // prettier-ignore
    const b0 = u[j + k]!, b1 = u[j1 + k]!, b2 = u[j2 + k]!, b3 = u[j3 + k]!; // prettier-ignore
    p00 += a0 * b0;
    p01 += a0 * b1;
    p02 += a0 * b2;
    p03 += a0 * b3; // prettier-ignore
    p10 += a1 * b0;
    p11 += a1 * b1;
    p12 += a1 * b2;
    p13 += a1 * b3; // prettier-ignore
    p20 += a2 * b0;
    p21 += a2 * b1;
    p22 += a2 * b2;
    p23 += a2 * b3; // prettier-ignore
    p30 += a3 * b0;
    p31 += a3 * b1;
    p32 += a3 * b2;
    p33 += a3 * b3; // prettier-ignore
  }
  out[0] = p00;
  out[1] = p01;
  out[2] = p02;
  out[3] = p03; // prettier-ignore
  out[4] = p10;
  out[5] = p11;
  out[6] = p12;
  out[7] = p13; // prettier-ignore
  out[8] = p20;
  out[9] = p21;
  out[10] = p22;
  out[11] = p23; // prettier-ignore
  out[12] = p30;
  out[13] = p31;
  out[14] = p32;
  out[15] = p33; // prettier-ignore
}

/** Of random directions in m dimensions: squared overlaps are Beta(1/2, (m - 1)/2), with mean 1/m and this variance. */
export function randomSquaredOverlapVariance(m: number): number {
  return (2 * (m - 1)) / (m * m * (m + 2));
}

/** And the variance of the absolute overlap, which is what Fig. 15 compares. */
export function randomAbsoluteOverlapVariance(m: number): number {
  const ratio = exp(2 * (lnGamma(m / 2) - lnGamma((m + 1) / 2)));
  return 1 / m - ratio / 3.141592653589793;
}
