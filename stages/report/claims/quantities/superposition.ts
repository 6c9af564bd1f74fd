/** How many features are represented, and what that does to the loss (Figs. 3, 5, 11, 13). */
import { spearman } from '../../../../numerics/statistics/rank-tests.ts';
import type { ModelSummary } from '../../../toy/artifacts.ts';
import { selectModels } from '../select.ts';
import { formatNumber } from '../../format.ts';
import { byModel, cellsOr, groupBy, noCells, overModels } from './sources.ts';

export const representedFraction = byModel((model) => model.representedFraction);

/** phi_1/2 over m/n. */
export const representedOverWidth = byModel((model) => (model.representedFraction * model.n) / model.m);

export const middleNormFraction = byModel((model) => model.middleNormFraction);

/** Spearman's correlation of phi_1/2 and alpha, ranked within each m. */
export const representedAlphaCorrelation = overModels((models, criterion) => {
  const groups = [...groupBy(models, ({ m }) => m).values()].map((group) => ({
    x: group.map(({ alpha }) => alpha ?? 0),
    y: group.map((model) => model.representedFraction),
  }));
  const found = spearman(groups);
  if (!found) return noCells(criterion, 'several α and varying φ½ with ');
  const single = groups.map((group) => spearman([group])?.correlation).filter((r) => r !== undefined);
  return {
    kind: 'estimate',
    value: found.correlation,
    standardError: found.standardError,
    low: found.low,
    high: found.high,
    detail: `Spearman's correlation within each m, pooled over ${models.length} models${single.length ? `; from ${formatNumber(Math.min(...single))} to ${formatNumber(Math.max(...single))} at single m` : ''}.`,
  };
});

/** Loss over that of the model in `against` that differs in gamma alone. */
export const lossRatio = overModels((models, criterion, sweep) => {
  const others = new Map(selectModels(sweep, criterion.against).map((model) => [withoutGamma(model), model]));
  const ratios = models.map((model) => {
    const other = others.get(withoutGamma(model));
    return other && model.loss / other.loss;
  });
  return cellsOr(ratios, 'Ratio of losses at equal α and m.', { ...criterion, cells: criterion.against });
});

export function withoutGamma({ frequencies, alpha, n, m, density, batch, steps }: ModelSummary): string {
  return [frequencies, alpha, n, m, density, batch, steps].join(' ');
}

/** Loss against that of the unlearned features (Eq. 4), whichever is larger over the other. */
export const unlearnedLossFactor = overModels((models, criterion) => {
  const factors = models.map(({ loss, unlearnedLoss }) => Math.max(loss / unlearnedLoss, unlearnedLoss / loss));
  const above = models.filter(({ loss, unlearnedLoss }) => loss > unlearnedLoss).length;
  return cellsOr(factors, `The loss is the larger one in ${above} of ${models.length} cells.`, criterion);
});

/** Loss of the unlearned features as a share of the loss. */
export const unlearnedLossShare = byModel(({ loss, unlearnedLoss }) => unlearnedLoss / loss);
