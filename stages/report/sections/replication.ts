/** Our numbers against the authors' points, figure by figure, and the list of where they differ by more than our seeds do. */
import { formatNumber, markdownTable } from 'repro/claims';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { mean, median } from '../../../numerics/statistics/moments.ts';
import { publishedFeatures } from '../../published/points.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import { distinct } from '../claims/quantities/sources.ts';
import { lendSpreads } from '../replication/borrowed.ts';
import { cellsOfSeries } from '../replication/cells.ts';
import { knownCauses } from '../replication/causes.ts';
import type { Cause } from '../replication/causes.ts';
import { compareWithPublished } from '../replication/compare.ts';
import type { Compared, Series } from '../replication/series.ts';
import { distanceOf, hasSpread, isInside } from '../replication/spread.ts';
import { differenceText, lessTheirs, listDifferences, listWithoutSeeds } from './replication-lists.ts';

/** Nothing for a set that has none of the numbers. */
export function replicationSection(
  sweeps: readonly FittedSweepContent[],
  published: PublishedPointsContent,
  causes: readonly Cause[] = knownCauses,
): string[] {
  const all = compareWithPublished(sweeps, published);
  if (all.every(({ points }) => points.length === 0)) return [];
  const cells = cellsOfSeries(all);
  const sameScale = all.some((series) => series.sameScale && series.points.length > 0);
  return [
    '## Our numbers and the authors’ points',
    `${scaleText(sweeps)} Where a number has at least ${fewestSeeds} seeds here, theirs is one more draw: z is its distance from our mean, in standard deviations between seeds (with the errors of our mean and of reading the figure), as a root mean square, and *outside* counts the points beyond our 95% prediction interval. One number may be a point of several figures.`,
    ...(sameScale ? ['![Ours less theirs, point by point](figures/replication.svg)'] : []),
    summaryTable(all),
    ...listDifferences(cells, causes),
    ...listWithoutSeeds(cells, causes, lendSpreads(sweeps)),
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

const squaredDistance = (point: Compared): number => {
  const z = distanceOf(point);
  return z * z;
};

function summaryTable(all: readonly Series[]): string {
  const rows = all.map((series) => {
    const { figure, what, points, ofTheirs } = series;
    const count = `${points.length} of ${ofTheirs}`;
    if (!points.length) return [figure, what, '–', '–', count, '0', '–', '–'];
    const largest = points.reduce((a, b) => (Math.abs(lessTheirs(b)) > Math.abs(lessTheirs(a)) ? b : a));
    const seeded = points.filter(hasSpread);
    return [
      figure,
      what,
      differenceText(series, median(points.map(lessTheirs))),
      `${differenceText(series, lessTheirs(largest))} at ${largest.place}`,
      count,
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
    'Ours of theirs',
    'With a spread',
    'z',
    'Outside',
  ];
  return (
    markdownTable(head, rows) +
    '\n\n× is ours over theirs, + and − are ours less theirs. *Ours of theirs*: of the points that the authors’ figure has, how many this set has a number for. A cell at an end of the colours of Fig. 4b has only a bound, and is not compared.'
  );
}
