/** Our numbers against the authors' points, figure by figure, and the list of where they differ by more than our seeds do. */
import { formatNumber, formatPercent, markdownTable } from 'repro/claims';
import { exp } from '../../../numerics/elementary.ts';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { mean, median, standardDeviation } from '../../../numerics/statistics/moments.ts';
import { publishedFeatures } from '../../published/points.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import { distinct } from '../claims/quantities/sources.ts';
import { compareWithPublished } from '../replication/compare.ts';
import type { Compared, Series } from '../replication/compare.ts';
import { distanceOf, hasSpread, isInside } from '../replication/spread.ts';

/** Nothing for a set that has none of the numbers. */
export function replicationSection(sweeps: readonly FittedSweepContent[], published: PublishedPointsContent): string[] {
  const all = compareWithPublished(sweeps, published);
  if (all.every(({ points }) => points.length === 0)) return [];
  const sameScale = all.some((series) => series.sameScale && series.points.length > 0);
  return [
    '## Our numbers and the authors’ points',
    `${scaleText(sweeps)} Where a number has at least ${fewestSeeds} seeds here, theirs is one more draw: z is its distance from our mean, in standard deviations between seeds (with the errors of our mean and of reading the figure), as a root mean square, and *outside* counts the points beyond our 95% prediction interval. One number may be a point of several figures.`,
    ...(sameScale ? ['![Ours less theirs, point by point](figures/replication.svg)'] : []),
    summaryTable(all),
    ...differences(all),
  ];
}

/** What is compared, and what another scale does to it. */
function scaleText(sweeps: readonly FittedSweepContent[]): string {
  const same = 'Every figure whose points the authors published, and the numbers in it that this set has too';
  const others = (['small', 'large'] as const).flatMap((name) => {
    const found = distinct(
      sweeps.filter(({ experiment }) => experiment === name).flatMap(({ models }) => models.map(({ n }) => n)),
    );
    return found
      .filter((n) => n !== publishedFeatures[name])
      .map((n) => `${n} where theirs have ${publishedFeatures[name]} (${name})`);
  });
  return others.length
    ? `${same}. **The scale is another one: n is ${others.join(', ')}.** No model is the same, so only numbers that have a meaning without n are compared: exponents, R² and slopes at equal γ and α (over m/n as each has it), and fractions at equal m/n. A difference may come from the scale alone.`
    : `${same}, at the same n, m, α, γ and E.`;
}

/** A difference as it is read: of logarithms a ratio. */
const differenceText = ({ logarithmic }: Series, difference: number): string =>
  logarithmic ? `× ${formatNumber(exp(difference))}` : `${difference > 0 ? '+' : ''}${formatNumber(difference)}`;
const valueText = ({ logarithmic }: Series, value: number): string => formatNumber(logarithmic ? exp(value) : value);
const squaredDistance = (point: Compared): number => {
  const z = distanceOf(point);
  return z * z;
};
const lessTheirs = ({ ours, theirs }: Compared): number => mean(ours) - theirs;

function summaryTable(all: readonly Series[]): string {
  const rows = all.map((series) => {
    const { figure, what, points } = series;
    if (!points.length) return [figure, what, '–', '–', '0', '0', '–', '–'];
    const largest = points.reduce((a, b) => (Math.abs(lessTheirs(b)) > Math.abs(lessTheirs(a)) ? b : a));
    const seeded = points.filter(hasSpread);
    return [
      figure,
      what,
      differenceText(series, median(points.map(lessTheirs))),
      `${differenceText(series, lessTheirs(largest))} at ${largest.place}`,
      String(points.length),
      String(seeded.length),
      seeded.length ? formatNumber(Math.sqrt(mean(seeded.map(squaredDistance)))) : '–',
      seeded.length ? String(seeded.filter((point) => !isInside(point)).length) : '–',
    ];
  });
  const head = [
    'Figure',
    'What',
    'Ours against theirs, median',
    'Largest difference',
    'Points',
    'With a spread',
    'z',
    'Outside',
  ];
  return (
    markdownTable(head, rows) +
    '\n\n× is ours over theirs, + and − are ours less theirs. A figure with 0 points is one that the authors’ points are known of and this set has no number for.'
  );
}

/** What chance alone puts outside a 95% interval. */
const chance = 0.05;

function differences(all: readonly Series[]): string[] {
  const seeded = all.flatMap((series) => series.points.filter(hasSpread).map((point) => ({ series, point })));
  const open = all.reduce((sum, { points }) => sum + points.filter((point) => !hasSpread(point)).length, 0);
  const outside = seeded.filter(({ point }) => !isInside(point));
  const notKnown = open
    ? ` ${open === 1 ? '1 more point has' : `${open} more points have`} fewer than ${fewestSeeds} seeds, or the same value in all of them: of ${open === 1 ? 'it' : 'these'} it cannot be said whether ${open === 1 ? 'it differs' : 'they differ'} by more than seeds do.`
    : '';
  const heading = '### Where they differ by more than our seeds do';
  if (!seeded.length)
    return [heading, `No point has ${fewestSeeds} seeds here, so that of none it can be said.${notKnown}`];
  const count = `${outside.length} of the ${seeded.length} ${seeded.length === 1 ? 'point' : 'points'} with a spread`;
  const verb = outside.length === 1 ? 'is' : 'are';
  const expected = `by chance alone ${formatPercent(chance)} would be, ${formatNumber(chance * seeded.length)} of them`;
  if (!outside.length)
    return [heading, `Nowhere: ${count} ${verb} outside our 95% prediction interval; ${expected}.${notKnown}`];
  const rows = outside.map(({ series, point }) => [
    series.figure,
    `${series.what}, ${point.place}`,
    `${valueText(series, mean(point.ours))} (${point.ours.length} seeds, ${series.logarithmic ? `a factor of ${formatNumber(exp(standardDeviation(point.ours)))}` : `± ${formatNumber(standardDeviation(point.ours))}`})`,
    valueText(series, point.theirs),
    formatNumber(Math.abs(distanceOf(point))),
    series.sameScale ? 'not known' : 'not known; the models are of another scale, which may be all of it',
  ]);
  return [
    heading,
    `${count} ${verb} outside our 95% prediction interval; ${expected}.${notKnown}`,
    markdownTable(['Figure', 'What', 'Ours', 'Theirs', 'z', 'Cause'], rows) +
      '\n\nIn brackets: seeds, and their standard deviation, of losses as a factor.',
  ];
}
