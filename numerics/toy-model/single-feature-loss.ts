import { forEachPair } from '../geometry/overlaps.ts';

/**
 * The expected loss when feature i alone is active, v uniform in (0, 2): the bracket of Eq. 10 (App. A.1),
 *   < sum_{j != i} ReLU^2(W_j . W_i v + b_j) + (ReLU(|W_i|^2 v + b_i) - v)^2 >_v,
 * exactly, for every i. W: [n, m], b: [n]; the result: [n].
 */
export function singleFeatureLosses(W: ArrayLike<number>, b: ArrayLike<number>, n: number, m: number): Float64Array {
  const losses = new Float64Array(n);
  const rows = Float64Array.from(W);
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let k = 0; k < m; k++) square += rows[i * m + k]! * rows[i * m + k]!;
    losses[i] = meanSquaredError(square, b[i]!);
  }
  forEachPair(rows, m, (i, j, dot) => {
    losses[i] = losses[i]! + meanSquareRelu(dot, b[j]!);
    losses[j] = losses[j]! + meanSquareRelu(dot, b[i]!);
  });
  return losses;
}

/** < ReLU^2(a v + b) > over v in (0, 2). */
function meanSquareRelu(a: number, b: number): number {
  const end = 2 * a + b;
  if (b > 0) return end > 0 ? (b * b + b * end + end * end) / 3 : (b * b * b) / (-6 * a);
  return end > 0 ? (end * end * end) / (6 * a) : 0;
}

/** < (ReLU(a v + b) - v)^2 > over v in (0, 2), a >= 0. */
function meanSquaredError(a: number, b: number): number {
  const from = b >= 0 ? 0 : a > 0 ? Math.min(2, -b / a) : 2;
  const product = (a * (8 - from * from * from)) / 6 + (b * (4 - from * from)) / 4;
  return meanSquareRelu(a, b) - 2 * product + 4 / 3;
}
