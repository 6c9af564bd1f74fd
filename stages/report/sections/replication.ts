/** Our numbers against the authors' points, wherever both exist: ratio, distance in standard deviations between seeds. */
import { formatNumber, formatPercent, markdownTable } from 'repro/claims';
import { exp, ln } from '../../../numerics/elementary.ts';
import { studentTQuantile } from '../../../numerics/statistics/distributions.ts';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { mean, median, standardDeviation } from '../../../numerics/statistics/moments.ts';
import { publishedFeatures } from '../../published/points.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import { cellsOf } from '../claims/cells.ts';
import { publishedSweeps } from '../claims/published-sources.ts';

/** One number that both have: ours seed by seed, on the scale on which it is compared. */
export interface Compared {
  readonly ours: readonly number[];
  readonly theirs: number;
}

export interface Series {
  readonly what: string;
  readonly figures: string;
  /** Whether the numbers compared are logarithms, so that differences are ratios. */
  readonly logarithmic: boolean;
  readonly points: readonly Compared[];
}

/** Nothing for a set of another scale than the paper's. */
export function replicationSection(sweeps: readonly FittedSweepContent[], published: PublishedPointsContent): string[] {
  const rows = compareWithPublished(sweeps, published).filter(({ points }) => points.length);
  if (!rows.length) return [];
  return [
    '## Our numbers and the authors’ points',
    'Wherever the authors’ figures show a number that this set measures too, at the same n, m, α and γ. The third column is the median of ours over theirs, or of ours less theirs. Where a cell has at least three seeds, theirs is one more draw: z is its distance from our mean in standard deviations between seeds, as a root mean square, and the last column the share of points inside our 95% prediction interval.',
    '![Ours less theirs, point by point](figures/replication.svg)',
    markdownTable(
      [
        'What',
        'Figure',
        'Ours against theirs',
        'Points',
        'Points with seeds',
        'z (rms)',
        'Inside the prediction interval',
      ],
      rows.map(({ what, figures, logarithmic, points }) => {
        const differences = points.map(({ ours, theirs }) => mean(ours) - theirs);
        const middle = median(differences);
        const seeded = points.filter(({ ours }) => ours.length >= fewestSeeds && standardDeviation(ours) > 0);
        const distances = seeded.map(distanceOf);
        const inside = seeded.filter(isInside).length;
        return [
          what,
          figures,
          logarithmic ? `× ${formatNumber(exp(middle))}` : formatNumber(middle),
          String(points.length),
          String(seeded.length),
          seeded.length ? formatNumber(Math.sqrt(mean(distances.map((z) => z * z)))) : '–',
          seeded.length ? formatPercent(inside / seeded.length) : '–',
        ];
      }),
    ),
  ];
}

/** Of theirs from our mean, in standard deviations of one more draw: that of a seed, with the error of the mean. */
export function distanceOf({ ours, theirs }: Compared): number {
  return (theirs - mean(ours)) / (standardDeviation(ours) * Math.sqrt(1 + 1 / ours.length));
}

/** Whether theirs is within our 95% prediction interval. */
export function isInside(point: Compared): boolean {
  return Math.abs(distanceOf(point)) <= studentTQuantile(0.975, point.ours.length - 1);
}

/** Half of the width of our 95% prediction interval for one more seed; undefined with fewer than three. */
export function predictionHalfWidth({ ours }: Compared): number | undefined {
  if (ours.length < fewestSeeds || standardDeviation(ours) === 0) return undefined;
  return studentTQuantile(0.975, ours.length - 1) * standardDeviation(ours) * Math.sqrt(1 + 1 / ours.length);
}

const grid = (value: number | null): string => (value === null ? '' : value.toFixed(3));

/** The series of the figures that this set has numbers for. */
export function compareWithPublished(
  sweeps: readonly FittedSweepContent[],
  published: PublishedPointsContent,
): Series[] {
  const theirs = publishedSweeps(published);
  const find = (list: readonly FittedSweepContent[], name: string) =>
    list.find(({ experiment }) => experiment === name);
  const models = (
    name: string,
    value: (model: { loss: number; representedFraction: number; stronglyRepresentedFraction: number }) => number,
    logarithmic: boolean,
  ): Compared[] => {
    const [ours, other] = [find(sweeps, name), find(theirs, name)];
    if (!ours || !other) return [];
    const place = ({ frequencies, alpha, gamma, m, n, density }: (typeof ours.models)[number]): string =>
      [frequencies, grid(alpha), grid(gamma), m, n, density.toFixed(4)].join(' ');
    const scale = (x: number): number => (logarithmic ? ln(x) : x);
    const cells = new Map(cellsOf(ours).map((cell) => [place(cell), cell]));
    return other.models.flatMap((model) => {
      const known = value(model);
      const cell = cells.get(place(model));
      if (typeof known !== 'number' || !cell) return [];
      const seeds = ours.models.filter((found) => place(found) === place(cell));
      return [{ ours: seeds.map((seed) => scale(value(seed))), theirs: scale(known) }];
    });
  };
  const exponents = (rows: readonly { gamma: number; alpha: number; exponent: number }[]): Compared[] => {
    const fits = find(sweeps, 'small')?.exponents.filter(({ n }) => n === publishedFeatures.small) ?? [];
    return rows.flatMap(({ gamma, alpha, exponent }) => {
      const fit = fits.find((found) => grid(found.gamma) === grid(gamma) && found.alpha === alpha);
      return fit ? [{ ours: fit.replicates?.exponents ?? [fit.exponent], theirs: exponent }] : [];
    });
  };
  const { series } = published;
  return [
    {
      what: 'loss, large models',
      figures: '1b, 1d',
      logarithmic: true,
      points: models('large', ({ loss }) => loss, true),
    },
    {
      what: 'φ½',
      figures: '3a',
      logarithmic: false,
      points: models('small', (model) => model.representedFraction, false),
    },
    {
      what: 'αₘ',
      figures: '4b',
      logarithmic: false,
      points: exponents(series.exponents.rows.filter(({ bound }) => !bound)),
    },
    {
      what: 'αₘ closest to no superposition',
      figures: '5b',
      logarithmic: false,
      points: exponents(series.exponentsClosestToNoSuperposition.rows),
    },
    {
      what: 'φ₁',
      figures: '6c',
      logarithmic: false,
      points: models('small', (model) => model.stronglyRepresentedFraction, false),
    },
    {
      what: 'αₘ, strong superposition',
      figures: '6e',
      logarithmic: false,
      points: exponents(series.strongExponents.rows),
    },
    {
      what: 'loss, small models',
      figures: '7a, 7b',
      logarithmic: true,
      points: models('small', ({ loss }) => loss, true),
    },
    {
      what: 'loss at other densities',
      figures: '7a, 7b',
      logarithmic: true,
      points: models('density', ({ loss }) => loss, true),
    },
  ];
}
