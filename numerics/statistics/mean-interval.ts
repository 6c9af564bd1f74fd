import { studentTQuantile } from './distributions.ts';
import { mean, standardError } from './moments.ts';

export interface MeanInterval {
  readonly mean: number;
  readonly standardError: number;
  /** Ends of the 95% interval (Student's t); infinite for a single value. */
  readonly low: number;
  readonly high: number;
}

/** From this many values on, their spread says how far their mean is known. */
export const fewestSeeds = 3;

/**
 * How much wider than Student's t the interval of exponents over seeds is: a dead feature of low rank lifts the loss of
 * a single seed, so that exponents stray to one side, and t covers 92 to 93% then. With this factor it is 93 to 96%, whether
 * seeds stray or not (bench/coverage).
 */
const straying = 1.08;

/** As `meanInterval`, for exponents of single seeds, of which some stray. */
export function seedInterval(values: readonly number[]): MeanInterval {
  const { mean: centre, standardError: error, low, high } = meanInterval(values);
  const around = (end: number): number => centre + straying * (end - centre);
  return { mean: centre, standardError: error, low: around(low), high: around(high) };
}

/** The mean of a list and how far it is known, its values being independent and equally uncertain. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const [centre, error] = [mean(values), standardError(values)];
  const half = values.length > 1 ? error * studentTQuantile(0.975, values.length - 1) : Infinity;
  return { mean: centre, standardError: error, low: centre - half, high: centre + half };
}
