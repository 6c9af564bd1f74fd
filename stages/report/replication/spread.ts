/** How far a number of the authors is from ours, measured by the spread between our seeds. */
import { studentTQuantile } from '../../../numerics/statistics/distributions.ts';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { mean, standardDeviation } from '../../../numerics/statistics/moments.ts';
import type { Compared } from './series.ts';

type Numbers = Pick<Compared, 'ours' | 'theirs' | 'readingError'>;

/** A standard deviation between seeds, and the degrees of freedom that it is known with. */
export interface Spread {
  readonly deviation: number;
  readonly degrees: number;
}

const ownSpread = ({ ours }: Numbers): Spread => ({ deviation: standardDeviation(ours), degrees: ours.length - 1 });

/** Standard deviation of one more draw about our mean, read as theirs was: that of a seed, of the mean, of the reading. */
function deviationOf({ ours, readingError }: Numbers, { deviation }: Spread): number {
  return Math.sqrt(deviation * deviation * (1 + 1 / ours.length) + readingError * readingError);
}

/** Whether our seeds are enough to say how far one more would be from them. */
export function hasSpread({ ours }: Numbers): boolean {
  return ours.length >= fewestSeeds && standardDeviation(ours) > 0;
}

/** Of theirs from our mean, in standard deviations of one more draw. */
export function distanceOf(point: Numbers, spread: Spread = ownSpread(point)): number {
  return (point.theirs - mean(point.ours)) / deviationOf(point, spread);
}

/** Whether theirs is within our 95% prediction interval. */
export function isInside(point: Numbers, spread: Spread = ownSpread(point)): boolean {
  return Math.abs(distanceOf(point, spread)) <= studentTQuantile(0.975, spread.degrees);
}

/** Half of the width of our 95% prediction interval for one more seed; undefined without a spread. */
export function predictionHalfWidth(point: Numbers): number | undefined {
  if (!hasSpread(point)) return undefined;
  const spread = ownSpread(point);
  return studentTQuantile(0.975, spread.degrees) * deviationOf(point, spread);
}
