/** The minimum of the frame potential, sum over i, j of (w_i . w_j)^2 of unit vectors (Benedetto and Fickus, 2003; App. D.2). */
import { unitRows } from '../../../numerics/geometry/overlaps.ts';

export interface Minimum {
  /** Rows: [count, m], of unit norm. */
  readonly units: Float64Array;
  readonly potential: number;
  /** Steps of gradient descent taken. */
  readonly steps: number;
}

const tolerance = 1e-12;
const mostSteps = 100_000;

/** The least frame potential of `count` unit vectors in m dimensions: of orthonormal ones, and beyond m of a tight frame. */
export function leastFramePotential(count: number, m: number): number {
  return Math.max(count, (count * count) / m);
}

/**
 * Gradient descent on the sphere from the directions of start: [count, m]. Every local minimum is a global one, so
 * that generic directions reach it. Throws a RangeError where a row is zero, and an Error if the least potential is
 * not reached, as from directions that are a saddle point (all parallel, say).
 */
export function minimiseFramePotential(start: ArrayLike<number>, m: number): Minimum {
  const count = start.length / m;
  const least = leastFramePotential(count, m);
  const all = Array.from({ length: count }, (_, i) => i);
  let units = unitRows(start, m, all);
  const moved = new Float64Array(units.length);
  for (let steps = 0; ; steps++) {
    const operator = frameOperator(units, m);
    const potential = squaredNorm(operator);
    if (potential <= least * (1 + tolerance)) return { units, potential, steps };
    if (steps === mostSteps)
      throw new Error(
        `the frame potential of ${count} vectors in ${m} dimensions is ${potential} after ${steps} steps: expected ${least}`,
      );
    // The gradient is 4 S w_i. Half of 1/|S| keeps w_i - rate S w_i on the side of w_i.
    const rate = 0.5 / Math.sqrt(potential);
    for (let i = 0; i < count; i++) {
      for (let a = 0; a < m; a++) {
        let product = 0;
        for (let b = 0; b < m; b++) product += operator[a * m + b]! * units[i * m + b]!;
        moved[i * m + a] = units[i * m + a]! - rate * product;
      }
    }
    units = unitRows(moved, m, all);
  }
}

/** S = w^T w: [m, m]. Its squared Frobenius norm is the frame potential. */
function frameOperator(units: Float64Array, m: number): Float64Array {
  const operator = new Float64Array(m * m);
  for (let row = 0; row < units.length; row += m) {
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) operator[a * m + b] = operator[a * m + b]! + units[row + a]! * units[row + b]!;
  }
  return operator;
}

function squaredNorm(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
