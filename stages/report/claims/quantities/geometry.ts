/** Norms, biases and overlaps of strongly and weakly represented rows (Figs. 6, 9, 10, 12, 15, 16; App. A.1). */
import { meanInterval } from '../../../../numerics/statistics/mean-interval.ts';
import { fitParallelLines, logs } from '../../../../numerics/statistics/regression.ts';
import type { Line, Points } from '../../../../numerics/statistics/regression.ts';
import { randomAbsoluteOverlapVariance } from '../../../../numerics/geometry/overlaps.ts';
import { mean, median } from '../../../../numerics/statistics/moments.ts';
import type { ModelSummary, OverlapStatistics } from '../../../toy/artifacts.ts';
import { formatNumber } from '../../format.ts';
import { byModel, cellsOr, distinct, fewestRows, groupBy, noCells, overModels } from './sources.ts';

/** Density of norms at 1 over the lower of the two maxima beside it; infinite where one side is empty. */
export const normValley = byModel(({ normDensityAtOne, normDensityBelowOne, normDensityAboveOne }) => {
  const lower = Math.min(normDensityBelowOne, normDensityAboveOne);
  return lower > 0 ? normDensityAtOne / lower : Infinity;
}, 'Density at 1 over the lower of the two maxima.');

/** One-sided p of the Mann-Whitney test that strong rows are more frequent; undefined where all are equally frequent. */
export const strongRankP = byModel(({ strongRankTest }) => strongRankTest?.p, 'p of the one-sided Mann-Whitney test.');

/** phi_1 n over min(n, m^2/2). */
export const strongCountOverBound = overModels((models, criterion) => {
  const ratio = (model: ModelSummary): number =>
    (model.stronglyRepresentedFraction * model.n) / Math.min(model.n, (model.m * model.m) / 2);
  const byWidth = distinct(models.map(({ m }) => m)).map(
    (m) => `${formatNumber(median(models.filter((model) => model.m === m).map(ratio)))} at ${m}`,
  );
  return cellsOr(models.map(ratio), `Medians by m: ${byWidth.join(', ')}.`, criterion);
});

/** phi_1 n / m. */
export const strongCountOverWidth = byModel((model) => (model.stronglyRepresentedFraction * model.n) / model.m);

/** Mean square overlap of strong rows over kappa^2 at their number; where there are more of them than m. */
export const strongOverlapOverWelch = byModel(({ m, strongOverlap }) => {
  const used = superposed(strongOverlap, m);
  return used && used.meanSquare / used.welchBoundSquared;
}, 'Mean square overlap over κ² at the actual number of strong rows.');

/** kappa^2 m, which goes to 1 as the rows outnumber m; below this the bound itself is not about 1/m. */
const manyRows = 0.85;

/** Log-log slope of the mean square overlap of strong rows on m; beside it, that where their number makes kappa^2 about 1/m. */
export const strongOverlapSlope = overModels((models, criterion) => {
  const among = models.filter(({ strongOverlap }) => strongOverlap && strongOverlap.count >= fewestRows);
  const line = slopeOnWidth(among, ({ strongOverlap }) =>
    strongOverlap!.meanSquare > 0 ? strongOverlap!.meanSquare : undefined,
  );
  if (!line) return noCells(criterion, 'three m with strong rows at ');
  const isMany = ({ m, strongOverlap }: ModelSummary): boolean => strongOverlap!.welchBoundSquared * m >= manyRows;
  const many = slopeOnWidth(among.filter(isMany), ({ strongOverlap }) => strongOverlap!.meanSquare);
  return {
    kind: 'estimate',
    value: line.slope,
    standardError: line.standardError,
    low: line.low,
    high: line.high,
    detail: `One slope for all (α, γ), over ${line.count} models${many ? `; over the ${many.count} of them with κ² m ≥ 0.85, where the bound itself is about 1/m, ${formatNumber(many.slope)}` : ''}.`,
  };
});

/** Variance of |cos| among strong rows over that of random directions. */
export const overlapVarianceRatio = byModel(({ m, strongOverlap }) => {
  const used = superposed(strongOverlap, m);
  return used && used.varianceAbsolute / randomAbsoluteOverlapVariance(m);
}, 'Variance of |cos| over that of random directions.');

export const weakOverlapTimesWidth = byModel(
  ({ m, weakOverlap }) => (weakOverlap && weakOverlap.count >= fewestRows ? weakOverlap.meanSquare * m : undefined),
  'Mean square overlap of weak rows times m.',
);

export const weakOverlap = byModel(
  (model) => (model.weakOverlap && model.weakOverlap.count >= fewestRows ? model.weakOverlap.meanSquare : undefined),
  'Mean square overlap of weak rows.',
);

/** Log-log slope of the weak rows' mean square overlap on m, for each alpha. */
export const weakOverlapSlope = overModels((models, criterion) => {
  const slopes = byAlpha(
    models,
    (group) =>
      slopeOnWidth(group, (model) =>
        model.weakOverlap && model.weakOverlap.count >= fewestRows ? model.weakOverlap.meanSquare : undefined,
      )?.slope,
  );
  return cellsOr(slopes, 'Slope at each α.', criterion);
});

/** Median bias of strong rows times sqrt m. */
export const strongBiasScaled = byModel(
  ({ m, strongBiasMedian }) => (strongBiasMedian === null ? undefined : strongBiasMedian * Math.sqrt(m)),
  'Median bias of strong rows times √m.',
);

/** Mean term of Eq. 10 over the activations of strong features, whose number grows with m: each such term is said to go as 1/m. */
const strongTerm = ({ strongLoss, strongFrequency }: ModelSummary): number | undefined =>
  strongLoss > 0 ? strongLoss / strongFrequency : undefined;
/** All terms of strong features together. */
const strongPart = ({ strongLoss }: ModelSummary): number | undefined => (strongLoss > 0 ? strongLoss : undefined);
/** All terms of weak features together. */
const weakPart = ({ weakLoss }: ModelSummary): number | undefined => (weakLoss > 0 ? weakLoss : undefined);

/** Log-log slope on m of the strong features' part of the loss, for each alpha. */
export const strongLossSlope = overModels((models, criterion) => {
  const weakCosts = models
    .filter(({ weakLoss }) => weakLoss > 0)
    .map(({ weakLoss, density, strongFrequency }) => weakLoss / (density - strongFrequency));
  const beside = weakCosts.length
    ? ` Beside it, an activation of a weak feature costs ${formatNumber(median(weakCosts))} (median over models); one that is ignored costs 4/3.`
    : '';
  const terms = byAlpha(models, (group) => slopeOnWidth(group, strongTerm)?.slope).filter(
    (slope) => slope !== undefined,
  );
  const ofTerms = terms.length
    ? ` Per activation of a strong feature (more features are strong at larger m) the slopes run from ${formatNumber(Math.min(...terms))} to ${formatNumber(Math.max(...terms))}, mean ${formatNumber(mean(terms))}.`
    : '';
  return cellsOr(
    byAlpha(models, (group) => slopeOnWidth(group, strongPart)?.slope),
    `Slope at each α, one for all γ.${ofTerms}${beside}`,
    criterion,
  );
});

/** That of the weak features' part, less that of the strong ones': its mean over alpha, with an interval by how it scatters. */
export const weakLessStrongSlope = overModels((models, criterion) => {
  const differences = byAlpha(models, (group) => {
    const strong = slopeOnWidth(group, strongPart);
    const weak = slopeOnWidth(group, weakPart);
    return strong && weak && weak.slope - strong.slope;
  }).filter((difference) => difference !== undefined);
  if (differences.length < 2) return noCells(criterion, 'three m at two α ');
  const { mean: value, standardError, low, high } = meanInterval(differences);
  const below = differences.filter((difference) => difference < 0).length;
  return {
    kind: 'estimate',
    value,
    standardError,
    low,
    high,
    detail: `Mean of the differences at each α, of which ${below} of ${differences.length} are below 0: from ${formatNumber(Math.min(...differences))} to ${formatNumber(Math.max(...differences))}.`,
  };
});

/** Rows in at most m dimensions need not overlap at all; a handful says nothing. */
function superposed(overlap: OverlapStatistics | null, m: number): OverlapStatistics | undefined {
  return overlap && overlap.count > m && overlap.count >= fewestRows ? overlap : undefined;
}

function byAlpha(
  models: readonly ModelSummary[],
  value: (group: ModelSummary[]) => number | undefined,
): (number | undefined)[] {
  return [...groupBy(models, ({ alpha }) => alpha).values()].map(value);
}

/** One slope of log value on log m, with a level for each (alpha, gamma); undefined with fewer than three m. */
function slopeOnWidth(
  models: readonly ModelSummary[],
  value: (model: ModelSummary) => number | undefined,
): Line | undefined {
  const defined = models.filter((model) => value(model) !== undefined);
  if (distinct(defined.map(({ m }) => m)).length < 3) return undefined;
  const groups = [...groupBy(defined, ({ alpha, gamma }) => `${alpha} ${gamma}`).values()]
    .map((group): Points => ({ x: logs(group.map(({ m }) => m)), y: logs(group.map((model) => value(model)!)) }))
    .filter(({ x }) => x.length > 1);
  return groups.length ? fitParallelLines(groups) : undefined;
}
