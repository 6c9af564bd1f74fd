/** How far a number of the authors is from ours, measured by the spread between our seeds. */
import { studentTQuantile } from '../../../numerics/statistics/distributions.ts';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { mean, standardDeviation } from '../../../numerics/statistics/moments.ts';
import type { Compared } from './compare.ts';

type Numbers = Omit<Compared, 'place'>;

/** Standard deviation of one more draw about our mean, read as theirs was: that of a seed, of the mean, of the reading. */
function deviationOf({ ours, readingError }: Numbers): number {
  const deviation = standardDeviation(ours);
  return Math.sqrt(deviation * deviation * (1 + 1 / ours.length) + readingError * readingError);
}

/** Whether our seeds are enough to say how far one more would be from them. */
export function hasSpread({ ours }: Numbers): boolean {
  return ours.length >= fewestSeeds && standardDeviation(ours) > 0;
}

/** Of theirs from our mean, in standard deviations of one more draw. */
export function distanceOf(point: Numbers): number {
  return (point.theirs - mean(point.ours)) / deviationOf(point);
}

/** Whether theirs is within our 95% prediction interval. */
export function isInside(point: Numbers): boolean {
  return Math.abs(distanceOf(point)) <= studentTQuantile(0.975, point.ours.length - 1);
}

/** Half of the width of our 95% prediction interval for one more seed; undefined without a spread. */
export function predictionHalfWidth(point: Numbers): number | undefined {
  if (!hasSpread(point)) return undefined;
  return studentTQuantile(0.975, point.ours.length - 1) * deviationOf(point);
}
