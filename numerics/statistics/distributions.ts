/** Distribution functions of the statistical tests, from `numerics/elementary.ts` only. */
import { exp, ln, log1p, lnGamma } from '../elementary.ts';

/** I_x(a, b), the distribution function of Beta(a, b) at x in [0, 1]. Continued fraction (DLMF 8.17.22). */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0)) throw new RangeError(`Beta(${a}, ${b}): expected positive parameters`);
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  const front = exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * ln(x) + b * log1p(-x));
  // The fraction converges fast only on this side of the mean.
  return x < (a + 1) / (a + b + 2)
    ? (front * betaContinuedFraction(x, a, b)) / a
    : 1 - (front * betaContinuedFraction(1 - x, b, a)) / b;
}

/** Lentz's method. */
function betaContinuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let k = 1; k <= 2000; k++) {
    const even = (k * (b - k) * x) / ((a + 2 * k - 1) * (a + 2 * k));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + k) * (a + b + k) * x) / ((a + 2 * k) * (a + 2 * k + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-15) return fraction;
  }
  throw new Error(`incomplete beta function at x = ${x}, a = ${a}, b = ${b}: no convergence`);
}

/** P(T <= t) for Student's t with `degrees` of freedom. */
export function studentTCdf(t: number, degrees: number): number {
  const tail = 0.5 * regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/**
 * Fits of thousands of curves ask for the same few quantiles. To find one takes some sixty values of the beta function.
 */
const studentTQuantiles = new Map<string, number>();

/** The t with P(T <= t) = probability. */
export function studentTQuantile(probability: number, degrees: number): number {
  const asked = `${probability} ${degrees}`;
  let quantile = studentTQuantiles.get(asked);
  if (quantile === undefined) {
    quantile = findStudentTQuantile(probability, degrees);
    studentTQuantiles.set(asked, quantile);
  }
  return quantile;
}

function findStudentTQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`quantile at ${probability}: expected a probability in (0, 1)`);
  if (!(degrees > 0)) throw new RangeError(`Student t with ${degrees} degrees of freedom: expected a positive number`);
  if (probability < 0.5) return -findStudentTQuantile(1 - probability, degrees);
  let high = 1;
  while (studentTCdf(high, degrees) < probability) high *= 2;
  return bisect(high === 1 ? 0 : high / 2, high, (t) => studentTCdf(t, degrees) < probability);
}

/** P(F > f) for Fisher's F with d1 and d2 degrees of freedom. */
export function fisherFSurvival(f: number, d1: number, d2: number): number {
  return f <= 0 ? 1 : regularizedBeta(d2 / (d2 + d1 * f), d2 / 2, d1 / 2);
}

/** P(Z > z) for a standard normal Z, accurate far into the tail. */
export function normalSurvival(z: number): number {
  if (z < 0) return 1 - normalSurvival(-z);
  const density = exp(-0.5 * z * z) * 0.3989422804014327;
  if (z < 2.5) {
    // phi(z) (z + z^3/3 + z^5/(3 5) + ...) is P(0 < Z < z).
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-17 * sum; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // Laplace's continued fraction z + 1/(z + 2/(z + 3/...)), from its far end.
  let fraction = z;
  for (let k = 160; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}

/** The z with P(Z <= z) = probability. */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`quantile at ${probability}: expected a probability in (0, 1)`);
  if (probability < 0.5) return -upperQuantile(probability);
  return upperQuantile(1 - probability);
}

function upperQuantile(tail: number): number {
  return bisect(0, 40, (z) => normalSurvival(z) > tail);
}

/**
 * P(D > statistic) for the two-sided Kolmogorov-Smirnov statistic of `count` independent draws: Kolmogorov's limit
 * with Stephens' correction for finite samples.
 */
export function kolmogorovSurvival(statistic: number, count: number): number {
  const root = Math.sqrt(count);
  const x = statistic * (root + 0.12 + 0.11 / root);
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = exp(-2 * k * k * x * x);
    sum += k % 2 ? term : -term;
    if (term < 1e-18) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

/** Where `below` turns from true to false, to the last bit: 200 halvings at most. */
function bisect(low: number, high: number, below: (x: number) => boolean): number {
  for (let i = 0; i < 200; i++) {
    const middle = 0.5 * (low + high);
    if (middle === low || middle === high) break;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return 0.5 * (low + high);
}
