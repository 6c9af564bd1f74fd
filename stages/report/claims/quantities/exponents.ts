/** How fast the loss falls with m: exponents and what they depend on (Figs. 4, 5b, 6e, 7, 17, 18). */
import { fewestSeeds, seedInterval } from '../../../../numerics/statistics/mean-interval.ts';
import type { MeanInterval } from '../../../../numerics/statistics/mean-interval.ts';
import { fitLine } from '../../../../numerics/statistics/regression.ts';
import { mean, median, standardError } from '../../../../numerics/statistics/moments.ts';
import { allCells, defineQuantity, formatNumber, formatWithUncertainty, seedCount } from 'repro/claims';
import type { Estimate } from 'repro/claims';
import type { ExponentFit } from '../../../toy/artifacts.ts';
import { closestToNoSuperposition } from '../../../toy/closest-to-no-superposition.ts';
import { cellCount, distinct, groupBy, listCells, noCells, overFits, seedsOf, selectFits } from './sources.ts';
import type { Sources } from './sources.ts';

export const modelExponent = defineQuantity<Sources>({
  id: 'model-exponent',
  label: 'αₘ',
  kind: 'cells',
  measure: overFits((fits) =>
    listCells(fits, 0, ({ exponent }) => exponent, seedsOf, `${errorsText(fits)}${betweenSeeds(fits)}`),
  ),
});

/** How far single exponents are known, and by what. */
function errorsText(fits: readonly ExponentFit[]): string {
  const error = (from: ExponentFit['errorFrom'], what: string): string => {
    const errors = fits
      .filter((fit) => fit.errorFrom === from && fit.standardError >= 0)
      .map((fit) => fit.standardError);
    return errors.length ? `${formatNumber(mean(errors))} ${what} (${cellCount(errors.length)})` : '';
  };
  const texts = [
    error('seeds', 'from the spread between seeds'),
    error('fit', 'of the fit, which measures the curvature of log L over log m'),
  ];
  if (!fits.some((fit) => fit.standardError >= 0)) return 'Standard errors of single exponents are not known.';
  return `Standard error of an exponent, on average: ${texts.filter(Boolean).join('; ')}.`;
}

type Replicated = ExponentFit & { readonly replicates: NonNullable<ExponentFit['replicates']> };
const isReplicated = (fit: ExponentFit): fit is Replicated => (fit.replicates?.count ?? 0) >= fewestSeeds;

/** How much of a cell's exponent is the luck of its random numbers, and what the mean is of those cells seed by seed. */
function betweenSeeds(fits: readonly ExponentFit[]): string {
  const repeated = fits.filter(isReplicated);
  if (!repeated.length) return '';
  const deviations = repeated.map(({ replicates }) => replicates.standardError * Math.sqrt(replicates.count));
  return ` Between seeds αₘ has a standard deviation of ${formatNumber(median(deviations))} (median of the ${cellCount(repeated.length)} with replicates); ${overSeeds('its mean over these cells', bySeed(repeated, mean))}.`;
}

/** The mean exponent of some cells over their seeds, and how far it is known from these. */
export interface ReplicatedMean {
  readonly gammas: readonly number[];
  readonly cells: number;
  /** That all of these cells have. */
  readonly seeds: number;
  readonly interval: MeanInterval;
}

/** Of the cells with enough seeds at every m; undefined where there is none. */
export function meanOfReplicated(fits: readonly ExponentFit[]): ReplicatedMean | undefined {
  const repeated = fits.filter(isReplicated).filter(({ replicates, m }) => replicates.m.length === m.length);
  if (!repeated.length) return undefined;
  const means = bySeed(repeated, mean);
  const gammas = distinct(repeated.map(({ gamma }) => gamma));
  return { gammas, cells: repeated.length, seeds: means.length, interval: seedInterval(means) };
}

/** Something of all replicated cells, for each seed that all of them have. */
function bySeed(fits: readonly Replicated[], value: (exponents: readonly number[]) => number): number[] {
  const seeds = Math.min(...fits.map(({ replicates }) => replicates.count));
  return Array.from({ length: seeds }, (_, seed) => value(fits.map((fit) => fit.replicates.exponents[seed]!)));
}

/** "its mean over these cells is, over 5 seeds, 1.012 ± 0.004, 95% interval 1.00 to 1.02". */
function overSeeds(what: string, values: readonly number[]): string {
  const { mean: centre, standardError: error, low, high } = seedInterval(values);
  return `${what} is, over ${values.length} seeds, ${formatWithUncertainty(centre, error)}, 95% interval ${formatNumber(low)} to ${formatNumber(high)}`;
}

/** Value and error of something of all cells: from the spread between seeds where every cell has enough, else as given. */
function estimateOver(
  fits: readonly ExponentFit[],
  value: (exponents: readonly number[]) => number,
  otherwise: Pick<Estimate, 'standardError' | 'low' | 'high' | 'errorFrom'>,
  detail: string,
): Estimate {
  const all = {
    kind: 'estimate' as const,
    value: value(fits.map(({ exponent }) => exponent)),
    cells: allCells(fits.length),
    seeds: seedCount(fits.map(seedsOf)),
  };
  if (!fits.every(isReplicated)) return { ...all, ...otherwise, detail };
  const { standardError: error, low, high } = seedInterval(bySeed(fits, value));
  return { ...all, standardError: error, low, high, errorFrom: 'seeds', detail: `${detail} Error from the seeds.` };
}

/** The exponent of the one cell meant. Its cells are the points of the line. */
export const exponentEstimate = defineQuantity<Sources>({
  id: 'exponent-estimate',
  label: 'αₘ',
  kind: 'estimate',
  measure: overFits((fits, part) => {
    if (fits.length > 1) return noCells(part, 'exactly one fit with ');
    const { exponent, standardError: error, low, high, errorFrom, r2, m, replicates, fit, curvature } = fits[0]!;
    const seeds = replicates
      ? ` Over ${replicates.count} seeds, m = ${replicates.m[0]} to ${replicates.m.at(-1)}: ${formatWithUncertainty(replicates.mean, replicates.standardError)}, 95% interval ${formatNumber(replicates.low)} to ${formatNumber(replicates.high)}.`
      : '';
    const bent = curvature ? ` Quadratic term ${formatWithUncertainty(curvature.value, curvature.standardError)}.` : '';
    return {
      kind: 'estimate',
      value: exponent,
      ...{ standardError: error, low, high, errorFrom },
      cells: allCells(m.length),
      seeds: seedCount([seedsOf(fits[0]!)]),
      detail: `m = ${m[0]} to ${m.at(-1)} (${m.length} points), R² = ${formatNumber(r2)}; error of the fit, which measures curvature: ${formatNumber(fit.standardError)}.${seeds}${bent}`,
    };
  }),
});

/** Slope of alpha_m on alpha. */
export const exponentAlphaSlope = defineQuantity<Sources>({
  id: 'exponent-alpha-slope',
  label: 'slope of αₘ on α',
  kind: 'estimate',
  measure: overFits((fits, part) => {
    const points = fits.filter(({ alpha }) => alpha !== null);
    const x = points.map(({ alpha }) => alpha!);
    if (distinct(x).length < 3) return noCells(part, 'three values of α among ');
    const line = fitLine(
      x,
      points.map(({ exponent }) => exponent),
    );
    const { standardError: error, low, high } = line;
    return estimateOver(
      points,
      (exponents) => fitLine(x, exponents).slope,
      { standardError: error, low, high, errorFrom: 'fit' },
      `Least squares over ${cellCount(points.length)}.`,
    );
  }),
});

/** Mean alpha_m in `cells` less that in `against`. */
export const exponentContrast = defineQuantity<Sources>({
  id: 'exponent-contrast',
  label: 'difference of mean αₘ',
  kind: 'estimate',
  measure: overFits((here, part, sweep) => {
    const there = selectFits(sweep, part.against);
    if (!there.length) return noCells({ ...part, cells: part.against! });
    const difference = (exponents: readonly number[]): number =>
      mean(exponents.slice(0, here.length)) - mean(exponents.slice(here.length));
    const [a, b] = [here, there].map((group) => group.map(({ exponent }) => exponent)) as [number[], number[]];
    const [ea, eb] = [standardError(a), standardError(b)];
    const error = a.length > 1 && b.length > 1 ? Math.sqrt(ea * ea + eb * eb) : null;
    return estimateOver(
      [...here, ...there],
      difference,
      { standardError: error, low: null, high: null, errorFrom: error === null ? null : 'cells' },
      `Mean ${formatWithUncertainty(mean(a), a.length > 1 ? ea : null)} over ${cellCount(here.length)} less mean ${formatNumber(mean(b))} over ${there.length}.`,
    );
  }),
});

/** Root-mean-square distance of alpha_m from max(1, 2 (alpha - 1)) (Eq. 7). */
export const exponentRuleDistance = defineQuantity<Sources>({
  id: 'exponent-rule-distance',
  label: 'rms distance of αₘ from max(1, 2(α − 1))',
  kind: 'estimate',
  measure: overFits((fits, part) => {
    const cells = fits.filter((fit) => fit.alpha !== null);
    if (!cells.length) return noCells(part);
    const distances = cells.map((fit) => fit.exponent - ruled(fit));
    const repeated = cells.filter(isReplicated);
    const distance = (some: readonly ExponentFit[]) => (exponents: readonly number[]) =>
      rootMeanSquare(exponents.map((exponent, i) => exponent - ruled(some[i]!)));
    const seeds = repeated.length
      ? ` Over the ${cellCount(repeated.length)} with replicates, ${overSeeds('the root mean square of single seeds', bySeed(repeated, distance(repeated)))}.`
      : '';
    return {
      kind: 'estimate',
      value: rootMeanSquare(distances),
      ...{ standardError: null, low: null, high: null, errorFrom: null },
      cells: allCells(cells.length),
      seeds: seedCount(cells.map(seedsOf)),
      detail: `Root mean square over ${cellCount(cells.length)}; on average ${formatNumber(mean(distances))} from the rule.${seeds}`,
    };
  }),
});

/** Eq. 7. */
const ruled = ({ alpha }: ExponentFit): number => Math.max(1, 2 * (alpha! - 1));

const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value * value)));

/** alpha_m - 2 (alpha - 1). */
export const exponentAboveTwice = defineQuantity<Sources>({
  id: 'exponent-above-twice',
  label: 'αₘ − 2(α − 1)',
  kind: 'cells',
  measure: overFits((fits) =>
    listCells(
      fits,
      0,
      ({ alpha, exponent }) => (alpha === null ? undefined : exponent - 2 * (alpha - 1)),
      seedsOf,
      'αₘ less 2(α − 1).',
    ),
  ),
});

export const fitR2 = defineQuantity<Sources>({
  id: 'fit-r2',
  label: 'R²',
  kind: 'cells',
  measure: overFits((fits) => {
    const text = fits.map(
      ({ frequencies, r2, curvature }) =>
        `${formatNumber(r2)} (${frequencies}${curvature ? `; quadratic term ${formatWithUncertainty(curvature.value, curvature.standardError)}` : ''})`,
    );
    return listCells(fits, 0, ({ r2 }) => r2, seedsOf, `R²: ${text.join(', ')}.`);
  }),
});

/** |alpha_m - (alpha - 1)| in the cells closest to no superposition (App. D.5). */
export const closestExponentError = defineQuantity<Sources>({
  id: 'closest-exponent-error',
  label: '|αₘ − (α − 1)| closest to no superposition',
  kind: 'cells',
  measure: overFits((_, __, sweep) => {
    const closest = closestToNoSuperposition(sweep.exponents);
    const gammas = distinct(closest.map(({ gamma }) => gamma));
    return listCells(
      closest,
      0,
      ({ alpha, exponent }) => Math.abs(exponent - (alpha! - 1)),
      seedsOf,
      `The ${cellCount(closest.length)} whose largest ambiguity over m is smallest, at γ = ${[...new Set([gammas[0]!, gammas.at(-1)!].map(formatNumber))].join(' to ')}.`,
    );
  }),
});

export const closestAlpha = defineQuantity<Sources>({
  id: 'closest-alpha',
  label: 'α closest to no superposition',
  kind: 'cells',
  measure: overFits((_, __, sweep) =>
    listCells(closestToNoSuperposition(sweep.exponents), 0, ({ alpha }) => alpha!, seedsOf, 'α of the same cells.'),
  ),
});

/** Change of alpha_m per unit of E, for each gamma. */
export const exponentDensitySlope = defineQuantity<Sources>({
  id: 'exponent-density-slope',
  label: 'change of αₘ per unit of E',
  kind: 'cells',
  measure: overFits((fits) => {
    const groups = [...groupBy(fits, ({ alpha, gamma }) => `${alpha} ${gamma}`).values()].map((group) => {
      const x = group.map(({ density }) => density);
      if (distinct(x).length < 3) return { group, line: undefined };
      const y = group.map(({ exponent }) => exponent);
      return { group, line: fitLine(x, y) };
    });
    const text = groups.map(({ group, line }) =>
      line
        ? `${formatWithUncertainty(line.slope, line.standardError)} at γ = ${formatNumber(group[0]!.gamma)}`
        : `none at γ = ${formatNumber(group[0]!.gamma)}`,
    );
    return listCells(
      groups,
      0,
      ({ line }) => line?.slope,
      ({ group }) => Math.min(...group.map(seedsOf)),
      `Slope of αₘ on E at each γ: ${text.join(', ')}.`,
    );
  }),
});
