/** Norms, biases and overlaps of strongly and weakly represented rows (Figs. 6, 9, 10, 12, 15, 16; App. A.1). */
import { meanInterval } from '../../../../numerics/statistics/mean-interval.ts';
import { fitParallelLines, logs } from '../../../../numerics/statistics/regression.ts';
import type { Line, Points } from '../../../../numerics/statistics/regression.ts';
import { randomAbsoluteOverlapVariance } from '../../../../numerics/geometry/overlaps.ts';
import { mean, median } from '../../../../numerics/statistics/moments.ts';
import { defineQuantity, formatNumber, seedCount } from 'repro/claims';
import type { ModelSummary, OverlapStatistics } from '../../../toy/artifacts.ts';
import type { ModelCellMean } from '../cells.ts';
import { byModel, countOf, distinct, fewestRows, groupBy, leftOut, listCells, noCells, overModels } from './sources.ts';
import type { Sources } from './sources.ts';

/** Density of norms at 1 over the lower of the two maxima around it; infinite where one side is empty. */
export const normValley = defineQuantity<Sources>({
  id: 'norm-valley',
  label: 'density of norms at 1 over that of the lower peak',
  kind: 'cells',
  measure: byModel(({ normDensityAtOne, normDensityBelowOne, normDensityAboveOne }) => {
    const lower = Math.min(normDensityBelowOne, normDensityAboveOne);
    return lower > 0 ? normDensityAtOne / lower : lower === 0 ? Infinity : undefined;
  }, 'Density at 1 over the lower of the two maxima.'),
});

/** One-sided p of the Mann-Whitney test that strong rows are more frequent; undefined where all are equally frequent. */
export const strongRankP = defineQuantity<Sources>({
  id: 'strong-rank-p',
  label: 'p of strong rows ranking higher',
  kind: 'cells',
  measure: byModel(({ strongRankTest }) => strongRankTest?.p, 'p of the one-sided Mann-Whitney test.'),
});

/** phi_1 n over min(n, m^2/2). */
export const strongCountOverBound = defineQuantity<Sources>({
  id: 'strong-count-over-bound',
  label: 'φ₁ n / min(n, m²/2)',
  kind: 'cells',
  measure: overModels(({ cells, excluded }) => {
    const ratio = (model: ModelSummary): number =>
      (model.stronglyRepresentedFraction * model.n) / Math.min(model.n, (model.m * model.m) / 2);
    const byWidth = distinct(cells.map(({ m }) => m)).map((m) => {
      const ratios = cells.filter((model) => model.m === m).map(ratio);
      return `${formatNumber(median(ratios))} at ${m}`;
    });
    return listCells(cells, excluded, ratio, ({ seeds }) => seeds, `Medians by m: ${byWidth.join(', ')}.`);
  }),
});

/** phi_1 n / m. */
export const strongCountOverWidth = defineQuantity<Sources>({
  id: 'strong-count-over-width',
  label: 'φ₁ n / m',
  kind: 'cells',
  measure: byModel((model) => (model.stronglyRepresentedFraction * model.n) / model.m),
});

/** Mean square overlap of strong rows over kappa^2 at their number; where there are more of them than m. */
export const strongOverlapOverWelch = defineQuantity<Sources>({
  id: 'strong-overlap-over-welch',
  label: 'mean square overlap / κ²',
  kind: 'cells',
  measure: byModel(({ m, strongOverlap }) => {
    const used = superposed(strongOverlap, m);
    return used ? used.meanSquare / used.welchBoundSquared : leftOut;
  }, 'Mean square overlap over κ² at the actual number of strong rows.'),
});

/** kappa^2 m, which goes to 1 as the rows outnumber m; below this the bound itself is not about 1/m. */
const manyRows = 0.85;

/** Log-log slope of the mean square overlap of strong rows on m; and that where their number makes kappa^2 about 1/m. */
export const strongOverlapSlope = defineQuantity<Sources>({
  id: 'strong-overlap-slope',
  label: 'slope of the mean square overlap on m',
  kind: 'estimate',
  measure: overModels((meant, part) => {
    const among = meant.cells.filter(({ strongOverlap }) => strongOverlap && strongOverlap.count >= fewestRows);
    const line = slopeOnWidth(among, ({ strongOverlap }) =>
      strongOverlap!.meanSquare > 0 ? strongOverlap!.meanSquare : undefined,
    );
    if (!line) return noCells(part, 'three m with strong rows at ');
    const isMany = ({ m, strongOverlap }: ModelSummary): boolean => strongOverlap!.welchBoundSquared * m >= manyRows;
    const many = slopeOnWidth(among.filter(isMany), ({ strongOverlap }) => strongOverlap!.meanSquare);
    const { slope, standardError, low, high } = line;
    return {
      kind: 'estimate',
      value: slope,
      ...{ standardError, low, high, errorFrom: 'fit' },
      cells: { ...countOf(meant, line.count), excluded: meant.excluded + meant.cells.length - among.length },
      seeds: seedCount(among.map(({ seeds }) => seeds)),
      detail: `One slope for all (α, γ), over ${line.count} models${many ? `; over the ${many.count} of them with κ² m ≥ 0.85, where the bound itself is about 1/m, ${formatNumber(many.slope)}` : ''}.`,
    };
  }),
});

/** Variance of |cos| among strong rows over that of random directions. */
export const overlapVarianceRatio = defineQuantity<Sources>({
  id: 'overlap-variance-ratio',
  label: 'overlap variance / that of random vectors',
  kind: 'cells',
  measure: byModel(({ m, strongOverlap }) => {
    const used = superposed(strongOverlap, m);
    return used ? used.varianceAbsolute / randomAbsoluteOverlapVariance(m) : leftOut;
  }, 'Variance of |cos| over that of random directions.'),
});

const enoughWeakRows = ({ weakOverlap }: ModelSummary): OverlapStatistics | undefined =>
  weakOverlap && weakOverlap.count >= fewestRows ? weakOverlap : undefined;

export const weakOverlapTimesWidth = defineQuantity<Sources>({
  id: 'weak-overlap-times-width',
  label: 'm × mean square overlap of weak rows',
  kind: 'cells',
  measure: byModel((model) => {
    const overlap = enoughWeakRows(model);
    return overlap ? overlap.meanSquare * model.m : leftOut;
  }, 'Mean square overlap of weak rows times m.'),
});

export const weakOverlap = defineQuantity<Sources>({
  id: 'weak-overlap',
  label: 'mean square overlap of weak rows',
  kind: 'cells',
  measure: byModel((model) => enoughWeakRows(model)?.meanSquare ?? leftOut, 'Mean square overlap of weak rows.'),
});

/** Log-log slope of the weak rows' mean square overlap on m, for each alpha. */
export const weakOverlapSlope = defineQuantity<Sources>({
  id: 'weak-overlap-slope',
  label: 'slope of the weak rows’ mean square overlap on m',
  kind: 'cells',
  measure: overModels(({ cells }) =>
    byAlpha(cells, 'Slope at each α.', (group) => slopeOnWidth(group, (model) => enoughWeakRows(model)?.meanSquare)),
  ),
});

/** Size of the median bias of strong rows, which is negative, over the largest overlap that it must silence. */
export const strongBiasOverOverlap = defineQuantity<Sources>({
  id: 'strong-bias-over-overlap',
  label: '−(median bias of strong rows) / (largest overlap of strong rows)',
  kind: 'cells',
  measure: overModels(({ cells, excluded }) => {
    const scaled = cells.flatMap(({ m, strongBiasMedian: bias }) =>
      typeof bias === 'number' ? [bias * Math.sqrt(m)] : [],
    );
    const text = scaled.length
      ? ` Median bias times √m: median ${formatNumber(median(scaled))}, ${formatNumber(Math.min(...scaled))} to ${formatNumber(Math.max(...scaled))}.`
      : '';
    return listCells(
      cells,
      excluded,
      ({ strongBiasMedian: bias, strongOverlap }) =>
        bias === null || !strongOverlap ? undefined : -bias / strongOverlap.maximumAbsolute,
      ({ seeds }) => seeds,
      `Median bias of strong rows, its sign turned, over their largest overlap.${text}`,
    );
  }),
});

/** Mean term of Eq. 10 over the activations of strong features, whose number grows with m: each such term is said to go as 1/m. */
const strongTerm = ({ strongLoss, strongFrequency }: ModelSummary): number | undefined =>
  strongLoss > 0 ? strongLoss / strongFrequency : undefined;
/** All terms of strong features together. */
const strongPart = ({ strongLoss }: ModelSummary): number | undefined => (strongLoss > 0 ? strongLoss : undefined);
/** All terms of weak features together. */
const weakPart = ({ weakLoss }: ModelSummary): number | undefined => (weakLoss > 0 ? weakLoss : undefined);

/** Log-log slope on m of the strong features' part of the loss, for each alpha. */
export const strongLossSlope = defineQuantity<Sources>({
  id: 'strong-loss-slope',
  label: 'slope on m of the strong features’ part of the loss (Eq. 10)',
  kind: 'cells',
  measure: overModels(({ cells: models }) => {
    const weakCosts = models
      .filter(({ weakLoss }) => weakLoss > 0)
      .map(({ weakLoss, density, strongFrequency }) => weakLoss / (density - strongFrequency));
    const weakText = weakCosts.length
      ? ` An activation of a weak feature costs ${formatNumber(median(weakCosts))} (median over models); one that is ignored costs 4/3.`
      : '';
    const terms = alphaGroups(models).flatMap((group) => slopeOnWidth(group, strongTerm)?.slope ?? []);
    const ofTerms = terms.length
      ? ` Per activation of a strong feature (more features are strong at larger m) ${terms.length === 1 ? 'the slope is' : `the slopes run from ${formatNumber(Math.min(...terms))} to ${formatNumber(Math.max(...terms))}, mean`} ${formatNumber(mean(terms))}.`
      : '';
    return byAlpha(models, `Slope at each α, one for all γ.${ofTerms}${weakText}`, (group) =>
      slopeOnWidth(group, strongPart),
    );
  }),
});

/** That of the weak features' part, less that of the strong ones': its mean over alpha, with an interval by how it scatters. */
export const weakLessStrongSlope = defineQuantity<Sources>({
  id: 'weak-less-strong-slope',
  label: 'mean slope of the weak features’ part less that',
  kind: 'estimate',
  measure: overModels(({ cells: models }, part) => {
    const groups = alphaGroups(models);
    const differences = groups.flatMap((group) => {
      const strong = slopeOnWidth(group, strongPart);
      const weak = slopeOnWidth(group, weakPart);
      return strong && weak ? [weak.slope - strong.slope] : [];
    });
    if (differences.length < 2) return noCells(part, 'three m at two α ');
    const { mean: value, standardError, low, high } = meanInterval(differences);
    const below = differences.filter((difference) => difference < 0).length;
    return {
      kind: 'estimate',
      value,
      ...{ standardError, low, high, errorFrom: 'cells' },
      cells: { planned: groups.length, excluded: 0, used: differences.length },
      seeds: seedCount(models.map(({ seeds }) => seeds)),
      detail: `Mean of the differences at each α, of which ${below} of ${differences.length} are below 0: from ${formatNumber(Math.min(...differences))} to ${formatNumber(Math.max(...differences))}.`,
    };
  }),
});

/** Rows in at most m dimensions need not overlap at all; a handful says nothing. */
function superposed(overlap: OverlapStatistics | null | undefined, m: number): OverlapStatistics | undefined {
  return overlap && overlap.count > m && overlap.count >= fewestRows ? overlap : undefined;
}

function alphaGroups(models: readonly ModelCellMean[]): ModelCellMean[][] {
  return [...groupBy(models, ({ alpha }) => alpha).values()];
}

function byAlpha(
  models: readonly ModelCellMean[],
  detail: string,
  line: (group: readonly ModelCellMean[]) => Line | undefined,
) {
  return listCells(
    alphaGroups(models),
    0,
    (group) => line(group)?.slope,
    (group) => Math.min(...group.map(({ seeds }) => seeds)),
    detail,
  );
}

/** One slope of log value on log m, with a level for each (law, alpha, gamma) that has two m; undefined with fewer than three m. */
function slopeOnWidth(
  models: readonly ModelCellMean[],
  value: (model: ModelCellMean) => number | undefined,
): Line | undefined {
  const defined = models.filter((model) => value(model) !== undefined);
  const groups = [
    ...groupBy(defined, ({ frequencies, alpha, gamma }) => [frequencies, alpha, gamma].join(' ')).values(),
  ].filter((group) => distinct(group.map(({ m }) => m)).length > 1);
  if (distinct(groups.flatMap((group) => group.map(({ m }) => m))).length < 3) return undefined;
  return fitParallelLines(
    groups.map((group): Points => ({ x: logs(group.map(({ m }) => m)), y: logs(group.map((model) => value(model)!)) })),
  );
}
