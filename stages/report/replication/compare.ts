/**
 * Our numbers next to the authors', figure by figure: for each of their figures whose points are known, the numbers that
 * a set has as well. At the authors' own n these are the same models; at another n, only numbers that have a meaning
 * without n are compared: exponents, R², slopes, and fractions at equal m/n.
 */
import { formatConstant, formatNumber } from 'repro/claims';
import { exp, ln } from '../../../numerics/elementary.ts';
import { mean, median } from '../../../numerics/statistics/moments.ts';
import { fitLine } from '../../../numerics/statistics/regression.ts';
import { publishedFeatures } from '../../published/points.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import type { ExponentFit, FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { closestToNoSuperposition } from '../../toy/closest-to-no-superposition.ts';
import { publishedSweeps } from '../claims/published-sources.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';

/** One number that both have: ours seed by seed, on the scale on which it is compared. */
export interface Compared {
  /** "γ = −0.556, α = 1, m = 39". */
  readonly place: string;
  readonly ours: readonly number[];
  readonly theirs: number;
  /** How far theirs may be off as read from the figure, on the same scale. */
  readonly readingError: number;
}

type Pair = Omit<Compared, 'readingError'>;

/** What one figure of the authors shows and a set has too. */
export interface Series {
  /** "4b". */
  readonly figure: string;
  readonly what: string;
  /** Whether the numbers compared are logarithms, so that differences are ratios. */
  readonly logarithmic: boolean;
  /** Whether ours are of the authors' own n, so that the models are the same but for their random numbers. */
  readonly sameScale: boolean;
  readonly points: readonly Compared[];
}

type Published = PublishedPointsContent['series'];

/**
 * How far numbers may be off that were read from vector graphics, the raster image of Fig. 4a, the colours of Fig. 4b, and
 * Figs. 1b and 1d: `error` of the series in params/published/points.json. Of losses relative, but absolute in Fig. 7a.
 */
const [vector, raster, map, largeLoss] = [1e-3, 6e-4, 0.009, 3e-5];
type Sweep = FittedSweepContent | undefined;

/** One for each figure whose points are known, in the order of the paper; without points where a set has none. */
export function compareWithPublished(
  sweeps: readonly FittedSweepContent[],
  published: PublishedPointsContent,
): Series[] {
  const find = (name: string): Sweep => sweeps.find(({ experiment }) => experiment === name);
  const { series } = published;
  const [small, large, density] = [find('small'), find('large'), find('density')];
  const theirs = publishedSweeps(published);
  const [theirSmall, theirDensity, theirLarge] = theirs as [FittedSweepContent, FittedSweepContent, FittedSweepContent];
  const of = { small: isOf(small, publishedFeatures.small), large: isOf(large, publishedFeatures.large) };
  const ofDensity = isOf(density, publishedFeatures.small);
  const fromSmall = { logarithmic: false, sameScale: of.small };
  const known = series.exponents.rows.filter(({ bound }) => !bound);
  const closest = 'αₘ where theirs come closest to no superposition';
  return [
    ...(['weak', 'strong'] as const).map((regime) => largeSeries(regime, large, theirLarge, of.large)),
    { figure: '3a', what: 'φ½', ...fromSmall, points: read(represented(small, series, of.small), vector) },
    {
      ...{ figure: '4a', what: 'R² of log L over log m', logarithmic: false, sameScale: of.large },
      points: read(r2(large, series), raster),
    },
    { figure: '4b', what: 'αₘ', ...fromSmall, points: read(exponents(small, known), map) },
    of.small
      ? {
          ...{ figure: '5b', what: closest, ...fromSmall },
          points: read(exponents(small, series.exponentsClosestToNoSuperposition.rows), vector),
        }
      : {
          ...{ figure: '5b', what: 'mean |αₘ − (α − 1)| closest to no superposition', ...fromSmall },
          points: read(closestDistance(small, series), vector),
        },
    of.small
      ? {
          ...{ figure: '6c', what: 'φ₁', ...fromSmall },
          points: read(
            models(small, theirSmall, (model) => model.stronglyRepresentedFraction),
            vector,
          ),
        }
      : {
          ...{ figure: '6c', what: 'median of φ₁ over min(1, m²/2n)', ...fromSmall },
          points: read(strongRatio(small, theirSmall), vector),
        },
    {
      ...{ figure: '6e', what: 'αₘ, strong superposition', ...fromSmall },
      points: read(exponents(small, series.strongExponents.rows), vector),
    },
    ...densitySeries(small, density, series, theirDensity, ofDensity),
  ];
}

/** With the error of theirs, which may depend on the number. */
const read = (pairs: readonly Pair[], error: number | ((theirs: number) => number)): Compared[] =>
  pairs.map((pair) => ({ ...pair, readingError: typeof error === 'number' ? error : error(pair.theirs) }));

/** Whether an experiment is of that n, as far as it is finished or planned. */
const isOf = (sweep: Sweep, n: number): boolean =>
  [...(sweep?.models ?? []), ...(sweep?.missing ?? [])].some((model) => model.n === n);
const grid = (value: number | null): string => (value === null ? '' : value.toFixed(3));
const gammaText = (gamma: number): string => `γ = ${formatNumber(gamma)}`;

function placeOf({ frequencies, alpha, gamma, m, density }: ModelSummary): string {
  return [
    gammaText(gamma),
    alpha === null ? frequencies : `α = ${formatConstant(alpha)}`,
    `m = ${m}`,
    ...(density === 1 ? [] : [`E = ${formatNumber(density)}`]),
  ].join(', ');
}

const modelKey = ({ frequencies, alpha, gamma, m, n, density }: ModelSummary): string =>
  [frequencies, grid(alpha), grid(gamma), m, n, density.toFixed(4)].join(' ');

/** Models of the same law, α, γ, n, m and E, by something that the authors' figures show of them. */
function models(
  ours: Sweep,
  theirs: Pick<FittedSweepContent, 'models'>,
  value: (model: ModelSummary) => number | undefined,
  scale: (x: number) => number = (x) => x,
): Pair[] {
  const cells = groupBy(ours?.models ?? [], modelKey);
  return theirs.models.flatMap((model) => {
    const [known, seeds] = [value(model), cells.get(modelKey(model))];
    if (typeof known !== 'number' || !seeds) return [];
    return [{ place: placeOf(seeds[0]!), ours: seeds.map((seed) => scale(value(seed)!)), theirs: scale(known) }];
  });
}

const lossOf = ({ loss }: ModelSummary): number => loss;

/** Figs. 1b and 1d: losses, or the exponents of the lines through them. */
function largeSeries(regime: 'weak' | 'strong', ours: Sweep, theirs: FittedSweepContent, sameScale: boolean): Series {
  const isMeant = ({ gamma }: { readonly gamma: number }): boolean => gamma < 0 === (regime === 'strong');
  const figure = regime === 'weak' ? '1b' : '1d';
  if (sameScale)
    return {
      ...{ figure, what: 'loss', logarithmic: true, sameScale },
      points: read(models(ours, { models: theirs.models.filter(isMeant) }, lossOf, ln), largeLoss),
    };
  const points = (ours?.exponents ?? []).filter(isMeant).flatMap((fit) => {
    const other = theirs.exponents.find((found) => isMeant(found) && found.frequencies === fit.frequencies);
    return other ? [{ place: fit.frequencies, ours: seedsOf(fit), theirs: other.exponent }] : [];
  });
  return { figure, what: 'αₘ of the lines', logarithmic: false, sameScale, points: read(points, vector) };
}

const seedsOf = ({ replicates, exponent }: ExponentFit): readonly number[] => replicates?.exponents ?? [exponent];

/** Fig. 3a: the same models, or those of equal m/n. */
function represented(ours: Sweep, { representedFractions }: Published, sameScale: boolean): Pair[] {
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
    return [{ place, ours: seeds.map((seed) => seed.representedFraction), theirs: fraction }];
  });
}

/** Fig. 4a. Of several seeds R² is that of their mean loss, one number. */
function r2(ours: Sweep, { largeFits }: Published): Pair[] {
  return largeFits.rows.flatMap(({ frequencies, regime, r2: theirs }) => {
    const fit = ours?.exponents.find(
      (found) => found.frequencies === frequencies && found.gamma < 0 === (regime === 'strong'),
    );
    return fit ? [{ place: `${regime}, ${frequencies}`, ours: [fit.r2], theirs }] : [];
  });
}

/** Figs. 4b, 5b, 6e, at equal γ and α. */
function exponents(ours: Sweep, rows: readonly { gamma: number; alpha: number; exponent: number }[]): Pair[] {
  return rows.flatMap(({ gamma, alpha, exponent }) => {
    const fit = ours?.exponents.find((found) => grid(found.gamma) === grid(gamma) && grid(found.alpha) === grid(alpha));
    if (!fit) return [];
    return [{ place: `${gammaText(gamma)}, α = ${formatConstant(alpha)}`, ours: seedsOf(fit), theirs: exponent }];
  });
}

/** Fig. 5b at another n, where other cells are the closest. */
function closestDistance(ours: Sweep, { exponentsClosestToNoSuperposition }: Published): Pair[] {
  const distance = (rows: readonly { readonly alpha: number | null; readonly exponent: number }[]): number =>
    mean(rows.map(({ alpha, exponent }) => Math.abs(exponent - (alpha! - 1))));
  const mine = closestToNoSuperposition(ours?.exponents ?? []);
  const place = `${mine.length} cells, theirs ${exponentsClosestToNoSuperposition.rows.length}`;
  return mine.length
    ? [{ place, ours: [distance(mine)], theirs: distance(exponentsClosestToNoSuperposition.rows) }]
    : [];
}

/** Fig. 6c at another n, where no m²/2n is the same: one number. */
function strongRatio(ours: Sweep, theirs: FittedSweepContent): Pair[] {
  const ratio = (models: readonly ModelSummary[]): number =>
    median(models.map(({ stronglyRepresentedFraction: f, n, m }) => f / Math.min(1, (m * m) / (2 * n))));
  const meant = ({ models }: Pick<FittedSweepContent, 'models'>): ModelSummary[] =>
    models.filter(({ gamma, stronglyRepresentedFraction: f }) => grid(gamma) === grid(-1) && typeof f === 'number');
  const mine = ours ? meant(ours) : [];
  return mine.length ? [{ place: gammaText(-1), ours: [ratio(mine)], theirs: ratio(meant(theirs)) }] : [];
}

/** Figs. 7a and 7b: losses, those of E = 1 from the small sweep; at another n, how the loss and the exponent go with E. */
function densitySeries(
  small: Sweep,
  density: Sweep,
  { lossesByDensity, lossesByWidthAndDensity }: Published,
  theirs: FittedSweepContent,
  sameScale: boolean,
): Series[] {
  if (sameScale) {
    // At E = 1 both experiments have the same models.
    const all = [...(small?.models ?? []), ...(density?.models ?? [])];
    const once = groupBy(all, (model) => `${modelKey(model)} ${model.replicate}`);
    const both = { models: [...once.values()].map(([model]) => model!) } as FittedSweepContent;
    const points = (rows: readonly { gamma: number; density: number; m: number; loss: number }[]): Pair[] => {
      const shown = rows.map((row) => ({ ...theirs.models[0]!, ...row, density: Number(row.density.toFixed(6)) }));
      return models(both, { models: shown }, lossOf, ln);
    };
    const loss = { what: 'loss', logarithmic: true, sameScale };
    return [
      { figure: '7a', ...loss, points: read(points(lossesByDensity.rows), (theirs) => vector / exp(theirs)) },
      { figure: '7b', ...loss, points: read(points(lossesByWidthAndDensity.rows), vector) },
    ];
  }
  const slopes = { logarithmic: false, sameScale };
  // Fig. 7a is of one width, m/n = 0.063.
  const width = ({ m, n }: ModelSummary): boolean => Math.abs(m / n - 0.063) < 0.001;
  const lossSlopes = ({ models: all }: FittedSweepContent): Map<string, number> =>
    slopesOn(
      all.filter(width),
      ({ density: x }) => ln(x),
      ({ loss }) => ln(loss),
    );
  const exponentSlopes = ({ exponents: fits }: FittedSweepContent): Map<string, number> =>
    slopesOn(
      fits,
      ({ density: x }) => x,
      ({ exponent }) => exponent,
    );
  const compared = (value: (sweep: FittedSweepContent) => Map<string, number>, isShown: (gamma: string) => boolean) => {
    const other = value(theirs);
    return [...(density ? value(density) : [])].flatMap(([gamma, slope]) =>
      isShown(gamma) && other.has(gamma)
        ? [{ place: gammaText(Number(gamma)), ours: [slope], theirs: other.get(gamma)! }]
        : [],
    );
  };
  const ofExponents = grid(lossesByWidthAndDensity.rows[0]!.gamma);
  return [
    {
      figure: '7a',
      what: 'slope of ln L on ln E',
      ...slopes,
      points: read(
        compared(lossSlopes, () => true),
        vector,
      ),
    },
    {
      ...{ figure: '7b', what: 'change of αₘ per unit of E', ...slopes },
      points: read(
        compared(exponentSlopes, (gamma) => gamma === ofExponents),
        vector,
      ),
    },
  ];
}

/** Least-squares slopes, by γ, of what has three or more x. */
function slopesOn<T extends { readonly gamma: number }>(
  all: readonly T[],
  x: (one: T) => number,
  y: (one: T) => number,
): Map<string, number> {
  const groups = [...groupBy(all, ({ gamma }) => grid(gamma))];
  return new Map(
    groups
      .filter(([, group]) => distinct(group.map(x)).length >= 3)
      .map(([gamma, group]) => [String(gamma), fitLine(group.map(x), group.map(y)).slope]),
  );
}
