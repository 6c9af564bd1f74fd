/** How fast the loss falls with m: exponents and what they depend on (Figs. 4, 5b, 6e, 7, 17, 18). */
import { meanInterval } from '../../../../numerics/statistics/mean-interval.ts';
import { fitLine } from '../../../../numerics/statistics/regression.ts';
import { mean, median, standardError } from '../../../../numerics/statistics/moments.ts';
import type { ExponentFit } from '../../../toy/artifacts.ts';
import { closestToNoSuperposition } from '../../../toy/closest-to-no-superposition.ts';
import type { Criterion } from '../definition.ts';
import type { Evidence } from '../evidence.ts';
import { formatNumber, formatWithUncertainty } from '../../format.ts';
import { selectFits } from '../select.ts';
import { cellsOr, distinct, groupBy, noCells, overFits } from './sources.ts';

export const modelExponent = overFits((fits, criterion) => {
  const error = mean(fits.map((fit) => fit.standardError));
  return cellsOr(
    fits.map(({ exponent }) => exponent),
    `Fits have a standard error of ${formatNumber(error)} on average.${betweenSeeds(fits)}`,
    criterion,
  );
});

type Replicated = ExponentFit & { readonly replicates: NonNullable<ExponentFit['replicates']> };

const isReplicated = (fit: ExponentFit): fit is Replicated => fit.replicates !== null;

/** How much of a cell's exponent is the luck of its random numbers, and what the mean is of those cells seed by seed. */
function betweenSeeds(fits: readonly ExponentFit[]): string {
  const repeated = fits.filter(isReplicated);
  if (!repeated.length) return '';
  const deviations = repeated.map(({ replicates }) => replicates.standardError * Math.sqrt(replicates.count));
  const means = bySeed(repeated, (_, exponents) => mean(exponents));
  return ` Between seeds αₘ has a standard deviation of ${formatNumber(median(deviations))} (median of the ${repeated.length} cells with replicates); ${overSeeds('its mean over these cells', means)}.`;
}

/** Something of all replicated cells, for each seed that all of them have. */
function bySeed(
  fits: readonly Replicated[],
  value: (fits: readonly Replicated[], exponents: readonly number[]) => number,
): number[] {
  const seeds = Math.min(...fits.map(({ replicates }) => replicates.count));
  return Array.from({ length: seeds }, (_, seed) =>
    value(
      fits,
      fits.map(({ replicates }) => replicates.exponents[seed]!),
    ),
  );
}

/** "its mean over these cells is, over 5 seeds, 1.012 ± 0.004, 95% interval 1.00 to 1.02". */
function overSeeds(what: string, values: readonly number[]): string {
  const { mean: centre, standardError: error, low, high } = meanInterval(values);
  return `${what} is, over ${values.length} seeds, ${formatWithUncertainty(centre, error)}, 95% interval ${formatNumber(low)} to ${formatNumber(high)}`;
}

/** The exponent of the one cell meant. */
export const exponentEstimate = overFits((fits, criterion) => {
  if (fits.length > 1) return noCells(criterion, 'exactly one fit with ');
  const { exponent, standardError, low, high, r2, m, replicates } = fits[0]!;
  const seeds =
    replicates &&
    `${replicates.count} seeds${replicates.m.length < m.length ? `, m = ${replicates.m[0]} to ${replicates.m.at(-1)}` : ''}`;
  const repeated = replicates
    ? ` Over ${seeds}: ${formatWithUncertainty(replicates.mean, replicates.standardError)}, 95% interval ${formatNumber(replicates.low)} to ${formatNumber(replicates.high)}.`
    : '';
  return {
    kind: 'estimate',
    value: exponent,
    standardError,
    low,
    high,
    seeds: replicates,
    detail: `m = ${m[0]} to ${m.at(-1)} (${m.length} points), R² = ${formatNumber(r2)}.${repeated}`,
  };
});

/** Slope of alpha_m on alpha. */
export const exponentAlphaSlope = overFits((fits, criterion) => slopeOn(fits, ({ alpha }) => alpha, criterion));

function slopeOn(
  fits: readonly ExponentFit[],
  coordinate: (fit: ExponentFit) => number | null,
  criterion: Criterion,
): Evidence {
  const points = fits.filter((fit) => coordinate(fit) !== null);
  const x = points.map((fit) => coordinate(fit)!);
  if (distinct(x).length < 3) return noCells(criterion, 'three values of α among ');
  const line = fitLine(
    x,
    points.map(({ exponent }) => exponent),
  );
  return {
    kind: 'estimate',
    value: line.slope,
    standardError: line.standardError,
    low: line.low,
    high: line.high,
    detail: `Least squares over ${points.length} cells.`,
  };
}

/** Mean alpha_m in `cells` less that in `against`. */
export const exponentContrast = overFits((fits, criterion, sweep) => {
  const baseline = selectFits(sweep, criterion.against);
  if (!baseline.length) return noCells({ ...criterion, cells: criterion.against });
  const [here, there] = [fits, baseline].map((group) => group.map(({ exponent }) => exponent)) as [number[], number[]];
  const error = here.length > 1 && there.length > 1 ? root(standardError(here), standardError(there)) : null;
  return {
    kind: 'estimate',
    value: mean(here) - mean(there),
    standardError: error,
    low: null,
    high: null,
    detail: `Mean ${formatNumber(mean(here))} over ${here.length} cells less mean ${formatNumber(mean(there))} over ${there.length}.`,
  };
});

function root(a: number, b: number): number {
  return Math.sqrt(a * a + b * b);
}

/** Root-mean-square distance of alpha_m from max(1, 2 (alpha - 1)) (Eq. 7). */
export const exponentRuleDistance = overFits((fits, criterion) => {
  const ofPowerLaws = fits.filter((fit) => fit.alpha !== null);
  const distances = ofPowerLaws.map((fit) => fit.exponent - ruled(fit));
  if (!distances.length) return noCells(criterion);
  const repeated = ofPowerLaws.filter(isReplicated);
  const rootMeanSquares = repeated.length
    ? bySeed(repeated, (cells, exponents) =>
        rootMeanSquare(exponents.map((exponent, i) => exponent - ruled(cells[i]!))),
      )
    : [];
  const seeds = repeated.length
    ? ` ${capitalised(overSeeds(`the root mean square over the ${repeated.length} cells with replicates`, rootMeanSquares))}.`
    : '';
  return {
    kind: 'estimate',
    value: rootMeanSquare(distances),
    standardError: null,
    low: null,
    high: null,
    detail: `Root mean square over ${distances.length} cells; on average ${formatNumber(mean(distances))} from the rule.${seeds}`,
  };
});

/** Eq. 7. */
const ruled = ({ alpha }: ExponentFit): number => Math.max(1, 2 * (alpha! - 1));

const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value * value)));

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** alpha_m - 2 (alpha - 1). */
export const exponentAboveTwice = overFits((fits, criterion) =>
  cellsOr(
    fits.map(({ alpha, exponent }) => (alpha === null ? undefined : exponent - 2 * (alpha - 1))),
    'αₘ less 2(α − 1).',
    criterion,
  ),
);

export const fitR2 = overFits((fits, criterion) =>
  cellsOr(
    fits.map(({ r2 }) => r2),
    '',
    criterion,
  ),
);

/** |alpha_m - (alpha - 1)| in the cells closest to no superposition (App. D.5). */
export const closestExponentError = overFits((_, criterion, sweep) => {
  const closest = closestToNoSuperposition(sweep.exponents);
  const gammas = distinct(closest.map(({ gamma }) => gamma));
  return cellsOr(
    closest.map(({ alpha, exponent }) => Math.abs(exponent - (alpha! - 1))),
    `The ${closest.length} cells with the smallest largest ambiguity; their γ run from ${formatNumber(gammas[0]!)} to ${formatNumber(gammas.at(-1)!)}.`,
    criterion,
  );
});

export const closestAlpha = overFits((_, criterion, sweep) =>
  cellsOr(
    closestToNoSuperposition(sweep.exponents).map(({ alpha }) => alpha!),
    'α of the same cells.',
    criterion,
  ),
);

/** Change of alpha_m per unit of E, for each gamma. */
export const exponentDensitySlope = overFits((fits, criterion) => {
  const slopes = [...groupBy(fits, ({ alpha, gamma }) => `${alpha} ${gamma}`).values()].map((group) => {
    const x = group.map(({ density }) => density);
    return distinct(x).length < 3
      ? undefined
      : fitLine(
          x,
          group.map(({ exponent }) => exponent),
        ).slope;
  });
  return cellsOr(slopes, 'Slope of αₘ on E at each γ.', criterion);
});
