import { studentTQuantile } from './distributions.ts';
import { mean, standardError } from './moments.ts';

export interface MeanInterval {
  readonly mean: number;
  readonly standardError: number;
  /** Ends of the 95% interval (Student's t); infinite for a single value. */
  readonly low: number;
  readonly high: number;
}

/** The mean of a list and how far it is known, its values being independent and equally uncertain. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const [centre, error] = [mean(values), standardError(values)];
  const half = values.length > 1 ? error * studentTQuantile(0.975, values.length - 1) : Infinity;
  return { mean: centre, standardError: error, low: centre - half, high: centre + half };
}
