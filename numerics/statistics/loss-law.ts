/** Loss against width with a common power law and a constant for each group: L = C / m^a + L0[group] (Eq. 8). */
import { exp, ln } from '../elementary.ts';
import { studentTQuantile } from './distributions.ts';

export interface LossPoint {
  /** Width m. */
  readonly m: number;
  readonly loss: number;
  /** Points of a group share L0: one class of models on one data set. */
  readonly group: string;
}

export interface LossLaw {
  /** a, and its standard error from the Jacobian; 0 where there are no more points than parameters. */
  readonly exponent: number;
  readonly standardError: number;
  /** 95% interval of a by Student's t. */
  readonly low: number;
  readonly high: number;
  /** C and its standard error; it goes with a closely: their correlation stands beside. */
  readonly coefficient: number;
  readonly coefficientError: number;
  readonly correlation: number;
  /** L0 by group. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Of all points. */
  readonly meanSquareError: number;
  readonly parameters: number;
  readonly points: number;
}

/** Where an exponent is looked for. At the lower end the law is nearly logarithmic, at the upper one m hardly counts. */
const smallest = 0.01;
const largest = 8;

/** The points, group by group; each loss less the mean of its group, where L0 has dropped out. */
interface Centred {
  readonly lnM: Float64Array;
  /** Each width once; the points of a width share its power. */
  readonly widths: Float64Array;
  /** Of each point, where its width is in `widths`. */
  readonly widthOf: Uint32Array;
  readonly loss: Float64Array;
  /** Where each group ends. */
  readonly ends: readonly number[];
}

/**
 * Least squares over a, C and every L0 at once. C and L0 are linear once a is fixed, so what is left is a minimum in
 * one variable (variable projection), found on a grid, narrowed by golden sections and polished by Gauss-Newton steps.
 * Throws a RangeError if no group has two widths.
 */
export function fitLossLaw(points: readonly LossPoint[]): LossLaw {
  const groups = new Map<string, LossPoint[]>();
  for (const point of points) {
    if (!(point.m > 0) || !Number.isFinite(point.loss))
      throw new RangeError(`loss ${point.loss} at width ${point.m}: expected finite numbers, m > 0`);
    const group = groups.get(point.group);
    if (group) group.push(point);
    else groups.set(point.group, [point]);
  }
  const sorted = [...groups.values()];
  if (!sorted.some((group) => group.some(({ m }) => m !== group[0]!.m)))
    throw new RangeError('the exponent of the loss needs two widths in a group');
  const flat = sorted.flat();
  const ends: number[] = [];
  for (const { length } of sorted) ends.push((ends.at(-1) ?? 0) + length);
  const lnM = Float64Array.from(flat, ({ m }) => ln(m));
  const widths = Float64Array.from(new Set(lnM));
  const indices = new Map([...widths].map((width, index) => [width, index]));
  const data: Centred = {
    lnM,
    widths,
    widthOf: Uint32Array.from(lnM, (width) => indices.get(width)!),
    loss: center(
      Float64Array.from(flat, ({ loss }) => loss),
      ends,
    ),
    ends,
  };
  const scratch = new Float64Array(flat.length);
  const exponent = polish(
    data,
    minimum((a) => fitted(center(powers(data, a, scratch), ends), data.loss).residual),
  );
  const { coefficient, residual, x, slope } = project(data, exponent);
  const parameters = sorted.length + 2;
  const degrees = flat.length - parameters;
  const variance = degrees > 0 ? residual / degrees : 0;
  // J^T J of (a, C) with the constants projected out: 2 x 2.
  const aa = dot(slope, slope);
  const ac = dot(slope, x);
  const cc = dot(x, x);
  const determinant = aa * cc - ac * ac;
  const standardError = Math.sqrt((variance * cc) / determinant);
  const half = degrees > 0 ? standardError * studentTQuantile(0.975, degrees) : Infinity;
  const offsets = Object.fromEntries(
    sorted.map((group) => {
      let sum = 0;
      for (const { m, loss } of group) sum += loss - coefficient * exp(-exponent * ln(m));
      return [group[0]!.group, sum / group.length];
    }),
  );
  return {
    exponent,
    standardError,
    low: exponent - half,
    high: exponent + half,
    coefficient,
    coefficientError: Math.sqrt((variance * aa) / determinant),
    correlation: -ac / Math.sqrt(aa * cc),
    offsets,
    meanSquareError: residual / flat.length,
    parameters,
    points: flat.length,
  };
}

/** The best C at a fixed a and what is left; `x`: m^-a, `slope`: dL/da, both centred. */
function project(
  data: Centred,
  a: number,
): { coefficient: number; residual: number; x: Float64Array; slope: Float64Array } {
  const x = powers(data, a, new Float64Array(data.lnM.length));
  const slope = x.slice();
  center(x, data.ends);
  const { coefficient, residual } = fitted(x, data.loss);
  for (let i = 0; i < slope.length; i++) slope[i] = -coefficient * data.lnM[i]! * slope[i]!;
  center(slope, data.ends);
  return { coefficient, residual, x, slope };
}

/** m^-a of each point, into `out`. */
function powers({ widths, widthOf }: Centred, a: number, out: Float64Array): Float64Array {
  const ofWidth = new Float64Array(widths.length);
  for (let i = 0; i < widths.length; i++) ofWidth[i] = exp(-a * widths[i]!);
  for (let i = 0; i < out.length; i++) out[i] = ofWidth[widthOf[i]!]!;
  return out;
}

/** The best C of loss = C x, and the sum of squares that is left. */
function fitted(x: Float64Array, loss: Float64Array): { coefficient: number; residual: number } {
  const coefficient = dot(x, loss) / dot(x, x);
  let residual = 0;
  for (let i = 0; i < x.length; i++) {
    const r = loss[i]! - coefficient * x[i]!;
    residual += r * r;
  }
  return { coefficient, residual };
}

/** Takes the mean of its group from each value. */
function center(values: Float64Array, ends: readonly number[]): Float64Array {
  let begin = 0;
  for (const end of ends) {
    let sum = 0;
    for (let i = begin; i < end; i++) sum += values[i]!;
    const mean = sum / (end - begin);
    for (let i = begin; i < end; i++) values[i] = values[i]! - mean;
    begin = end;
  }
  return values;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The minimum of a function of a: the best of a grid that is even in ln a, then golden sections between its neighbours. */
function minimum(residual: (a: number) => number): number {
  const steps = 80;
  const ratio = exp(ln(largest / smallest) / steps);
  let best = smallest;
  let least = Infinity;
  for (let i = 0, a = smallest; i <= steps; i++, a *= ratio) {
    const value = residual(a);
    if (value < least) [best, least] = [a, value];
  }
  let low = Math.max(smallest, best / ratio);
  let high = Math.min(largest, best * ratio);
  const golden = (Math.sqrt(5) - 1) / 2;
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let atLeft = residual(left);
  let atRight = residual(right);
  while (high - low > 1e-7 * high) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = residual(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = residual(right);
    }
  }
  return (low + high) / 2;
}

/** Gauss-Newton steps in a with C projected out, beyond what differences of residuals can tell; each must not leave the bracket. */
function polish(data: Centred, start: number): number {
  let a = start;
  for (let step = 0; step < 20; step++) {
    const { coefficient, x, slope } = project(data, a);
    const share = dot(slope, x) / dot(x, x);
    let along = 0;
    let size = 0;
    for (let i = 0; i < x.length; i++) {
      const direction = slope[i]! - share * x[i]!;
      along += direction * (data.loss[i]! - coefficient * x[i]!);
      size += direction * direction;
    }
    const change = along / size;
    if (!(Math.abs(change) <= 1e-3 * a)) return start;
    a += change;
    if (Math.abs(change) < 1e-14 * a) break;
  }
  return Math.min(largest, Math.max(smallest, a));
}
