/** Numbers that a set has and one of the authors' figures shows, matched by what they are of. */
import { formatConstant, formatNumber } from 'repro/claims';
import { mean, median } from '../../../numerics/statistics/moments.ts';
import { publishedFeatures } from '../../published/points.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import type { ExponentFit, FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { closestToNoSuperposition } from '../../toy/closest-to-no-superposition.ts';
import { groupBy } from '../claims/quantities/sources.ts';
import type { Compared, Origin } from './series.ts';

export type Pair = Omit<Compared, 'readingError'>;
export type Published = PublishedPointsContent['series'];
export type Sweep = FittedSweepContent | undefined;

/**
 * How far numbers may be off that were read from vector graphics, the raster image of Fig. 4a, the colours of Fig. 4b,
 * and Figs. 1b and 1d: `error` of the series in params/published/points.json. Of losses relative, but absolute in Fig.
 * 7a.
 */
export const [vector, raster, map, largeLoss] = [1e-3, 6e-4, 0.009, 3e-5];

/** With the error of theirs, which may depend on the number. */
export const read = (pairs: readonly Pair[], error: number | ((theirs: number) => number)): Compared[] =>
  pairs.map((pair) => ({ ...pair, readingError: typeof error === 'number' ? error : error(pair.theirs) }));

export const grid = (value: number | null): string => (value === null ? '' : value.toFixed(3));
export const gammaText = (gamma: number): string => `γ = ${formatNumber(gamma)}`;

function placeOf({ frequencies, alpha, gamma, m, density }: ModelSummary): string {
  return [
    gammaText(gamma),
    alpha === null ? frequencies : `α = ${formatConstant(alpha)}`,
    `m = ${m}`,
    ...(density === 1 ? [] : [`E = ${formatNumber(density)}`]),
  ].join(', ');
}

export const modelKey = ({ frequencies, alpha, gamma, m, n, density }: ModelSummary): string =>
  [frequencies, grid(alpha), grid(gamma), m, n, density.toFixed(4)].join(' ');

const originOf = ({ frequencies, alpha, gamma, n, m }: Required<Origin>): Origin => ({
  frequencies,
  alpha,
  gamma,
  n,
  m,
});

/** Models of the same law, α, γ, n, m and E, by something that the authors' figures show of them. */
export function models(
  ours: Sweep,
  theirs: Pick<FittedSweepContent, 'models'>,
  value: (model: ModelSummary) => number | undefined,
  scale: (x: number) => number = (x) => x,
): Pair[] {
  const cells = groupBy(ours?.models ?? [], modelKey);
  return theirs.models.flatMap((model) => {
    const [known, seeds] = [value(model), cells.get(modelKey(model))];
    if (typeof known !== 'number' || !seeds) return [];
    return [
      {
        place: placeOf(seeds[0]!),
        origin: originOf(seeds[0]!),
        ours: seeds.map((seed) => scale(value(seed)!)),
        theirs: scale(known),
      },
    ];
  });
}

export const lossOf = ({ loss }: ModelSummary): number => loss;

/** Seed by seed where the seeds have all m of the curve; else the exponent of the curve. */
export const seedsOf = ({ replicates, exponent, m }: ExponentFit): readonly number[] =>
  replicates && replicates.m.length === m.length ? replicates.exponents : [exponent];

/** Fig. 3a: the same models, or those of equal m/n. */
export function represented(ours: Sweep, { representedFractions }: Published, sameScale: boolean): Pair[] {
  const key = (gamma: number, alpha: number | null, width: number): string =>
    [grid(gamma), grid(alpha), width.toFixed(sameScale ? 6 : 3)].join(' ');
  const cells = groupBy(ours?.models ?? [], ({ gamma, alpha, m, n }) => key(gamma, alpha, m / n));
  return representedFractions.rows.flatMap(({ gamma, alpha, m, fraction }) => {
    const seeds = cells.get(key(gamma, alpha, m / publishedFeatures.small));
    if (!seeds) return [];
    const { n } = seeds[0]!;
    const place = sameScale
      ? placeOf(seeds[0]!)
      : `${gammaText(gamma)}, α = ${formatConstant(alpha)}, m/n = ${formatNumber(seeds[0]!.m / n)}`;
    return [
      { place, origin: originOf(seeds[0]!), ours: seeds.map((seed) => seed.representedFraction), theirs: fraction },
    ];
  });
}

/** Fig. 4a. Of several seeds R² is that of their mean loss, one number. */
export function r2(ours: Sweep, { largeFits }: Published): Pair[] {
  return largeFits.rows.flatMap(({ frequencies, regime, r2: theirs }) => {
    const fit = ours?.exponents.find(
      (found) => found.frequencies === frequencies && found.gamma < 0 === (regime === 'strong'),
    );
    return fit ? [{ place: `${regime}, ${frequencies}`, ours: [fit.r2], theirs }] : [];
  });
}

/** Figs. 4b, 5b, 6e, at equal γ and α. */
export function exponents(ours: Sweep, rows: readonly { gamma: number; alpha: number; exponent: number }[]): Pair[] {
  return rows.flatMap(({ gamma, alpha, exponent }) => {
    const fit = ours?.exponents.find((found) => grid(found.gamma) === grid(gamma) && grid(found.alpha) === grid(alpha));
    if (!fit) return [];
    const place = `${gammaText(gamma)}, α = ${formatConstant(alpha)}`;
    return [{ place, origin: originOf(fit), ours: seedsOf(fit), theirs: exponent }];
  });
}

/** Fig. 5b at another n, where other cells are the closest. */
export function closestDistance(ours: Sweep, { exponentsClosestToNoSuperposition }: Published): Pair[] {
  const distance = (rows: readonly { readonly alpha: number | null; readonly exponent: number }[]): number =>
    mean(rows.map(({ alpha, exponent }) => Math.abs(exponent - (alpha! - 1))));
  const mine = closestToNoSuperposition(ours?.exponents ?? []);
  const place = `${mine.length} cells, theirs ${exponentsClosestToNoSuperposition.rows.length}`;
  return mine.length
    ? [{ place, ours: [distance(mine)], theirs: distance(exponentsClosestToNoSuperposition.rows) }]
    : [];
}

/** Fig. 6c at another n, where no m²/2n is the same: one number. */
export function strongRatio(ours: Sweep, theirs: FittedSweepContent): Pair[] {
  const ratio = (models: readonly ModelSummary[]): number =>
    median(models.map(({ stronglyRepresentedFraction: f, n, m }) => f / Math.min(1, (m * m) / (2 * n))));
  const meant = ({ models }: Pick<FittedSweepContent, 'models'>): ModelSummary[] =>
    models.filter(({ gamma, stronglyRepresentedFraction: f }) => grid(gamma) === grid(-1) && typeof f === 'number');
  const mine = ours ? meant(ours) : [];
  return mine.length ? [{ place: gammaText(-1), ours: [ratio(mine)], theirs: ratio(meant(theirs)) }] : [];
}
