/** Least squares lines with their uncertainty. */
import { ln } from '../elementary.ts';
import { fisherFSurvival, studentTQuantile } from './distributions.ts';

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Of the slope, from the residuals; 0 for two points, where nothing can be said. */
  readonly standardError: number;
  /** Share of the variance explained; 1 where there is none to explain. */
  readonly r2: number;
  /** 95% interval of the slope by Student's t; infinite for two points. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The least squares line through (x, y). Throws a RangeError for fewer than two distinct x. */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  return fitParallelLines([{ x, y }]);
}

/** The same in log-log: the slope is the exponent of a power law. x and y are positive. */
export function fitPowerLaw(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  return fitParallelLines([{ x: logs(x), y: logs(y) }]);
}

/**
 * The coefficient of x^2 in the least-squares parabola through (x, y), and its standard error (0 for three points).
 * Throws a RangeError for fewer than three distinct x. By orthogonal polynomials: what x^2 has beyond a line in x.
 */
export function fitParabola(x: ArrayLike<number>, y: ArrayLike<number>): { value: number; standardError: number } {
  const squares = Float64Array.from(x, (value) => value * value);
  const line = fitLine(x, squares);
  const rest = squares.map((value, i) => value - line.intercept - line.slope * x[i]!);
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
  const size = sum(rest.map((value) => value * value));
  const scale = sum(squares.map((value) => value * value));
  if (!(size > 1e-20 * scale)) throw new RangeError('a parabola needs at least three distinct abscissae');
  const value = sum(rest.map((r, i) => r * y[i]!)) / size;
  const straight = fitLine(x, y);
  const residual = sum(
    Array.from(x, (at, i) => {
      const r = y[i]! - straight.intercept - straight.slope * at - value * rest[i]!;
      return r * r;
    }),
  );
  const degrees = x.length - 3;
  return { value, standardError: degrees > 0 ? Math.sqrt(residual / degrees / size) : 0 };
}

export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/**
 * One slope for several groups, each with an intercept of its own (analysis of covariance). `r2` is of the variance
 * within groups; `intercept` is that of the first group.
 */
export function fitParallelLines(groups: readonly Points[]): Line {
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  let count = 0;
  const centres = groups.map(({ x, y }) => {
    if (x.length !== y.length) throw new RangeError(`${x.length} abscissae for ${y.length} ordinates`);
    let mx = 0;
    let my = 0;
    for (let i = 0; i < x.length; i++) {
      mx += x[i]!;
      my += y[i]!;
    }
    mx /= x.length;
    my /= x.length;
    for (let i = 0; i < x.length; i++) {
      const dx = x[i]! - mx;
      const dy = y[i]! - my;
      sxx += dx * dx;
      sxy += dx * dy;
      syy += dy * dy;
    }
    count += x.length;
    return { mx, my };
  });
  if (!(sxx > 0)) throw new RangeError('a line needs at least two distinct abscissae');
  if (!Number.isFinite(sxy) || !Number.isFinite(syy)) throw new RangeError('a line needs finite points');
  const slope = sxy / sxx;
  let residual = 0;
  groups.forEach(({ x, y }, g) => {
    const { mx, my } = centres[g]!;
    for (let i = 0; i < x.length; i++) {
      const r = y[i]! - my - slope * (x[i]! - mx);
      residual += r * r;
    }
  });
  const degrees = count - groups.length - 1;
  const standardError = degrees > 0 ? Math.sqrt(residual / degrees / sxx) : 0;
  const half = degrees > 0 ? standardError * studentTQuantile(0.975, degrees) : Infinity;
  const first = centres[0]!;
  return {
    slope,
    intercept: first.my - slope * first.mx,
    standardError,
    r2: syy > 0 ? 1 - residual / syy : 1,
    low: slope - half,
    high: slope + half,
    count,
  };
}

/**
 * F-test of one common slope against a slope per group (each group keeps its intercept): small p means that the
 * slopes differ.
 */
export function testEqualSlopes(groups: readonly Points[]): { f: number; p: number; d1: number; d2: number } {
  const residual = (part: readonly Points[]): number => {
    const { slope } = fitParallelLines(part);
    let sum = 0;
    for (const { x, y } of part) {
      let mx = 0;
      let my = 0;
      for (let i = 0; i < x.length; i++) {
        mx += x[i]! / x.length;
        my += y[i]! / x.length;
      }
      for (let i = 0; i < x.length; i++) {
        const r = y[i]! - my - slope * (x[i]! - mx);
        sum += r * r;
      }
    }
    return sum;
  };
  const count = groups.reduce((sum, { x }) => sum + x.length, 0);
  const d1 = groups.length - 1;
  const d2 = count - 2 * groups.length;
  if (d1 < 1 || d2 < 1) throw new RangeError('comparing slopes needs two groups and more points than parameters');
  const separate = groups.reduce((sum, group) => sum + residual([group]), 0);
  const f = (residual(groups) - separate) / d1 / (separate / d2);
  return { f, p: fisherFSurvival(f, d1, d2), d1, d2 };
}

export function logs(values: ArrayLike<number>): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! > 0)) throw new RangeError(`log of ${values[i]}: expected a positive value`);
    out[i] = ln(values[i]!);
  }
  return out;
}
