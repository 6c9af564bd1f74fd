/** How many features are represented, and what that does to the loss (Figs. 3, 5, 11, 13). */
import { ln } from '../../../../numerics/elementary.ts';
import { spearman } from '../../../../numerics/statistics/rank-tests.ts';
import { defineQuantity, formatNumber, seedCount } from 'repro/claims';
import type { Cell } from 'repro/claims';
import type { ModelCellMean } from '../cells.ts';
import { byModel, distinct, groupBy, listCells, noCells, overModels, selectModels } from './sources.ts';
import type { Sources } from './sources.ts';

export const representedFraction = defineQuantity<Sources>({
  id: 'represented-fraction',
  label: 'φ½',
  kind: 'cells',
  measure: byModel((model) => model.representedFraction),
});

/** phi_1/2 over m/n. */
export const representedOverWidth = defineQuantity<Sources>({
  id: 'represented-over-width',
  label: 'φ½ n/m',
  kind: 'cells',
  measure: byModel((model) => (model.representedFraction * model.n) / model.m),
});

export const middleNormFraction = defineQuantity<Sources>({
  id: 'middle-norm-fraction',
  label: 'share of rows with norm in [0.25, 0.75]',
  kind: 'cells',
  measure: byModel((model) => model.middleNormFraction),
});

/** Where phi_1/2 is above this at every (alpha, m), gamma leaves nothing to prefer. */
const nearlyAll = 0.99;

/** At each gamma whose phi_1/2 varies: Spearman's correlation of phi_1/2 and alpha, ranked within each m and pooled. */
export const representedAlphaCorrelation = defineQuantity<Sources>({
  id: 'represented-alpha-correlation',
  label: 'rank correlation of φ½ and α',
  kind: 'cells',
  measure: overModels(({ cells, excluded }, part) => {
    const byGamma = [...groupBy(cells, ({ gamma }) => gamma).entries()].map(([gamma, models]) => ({
      gamma: gamma as number,
      models,
      varies: models.some((model) => model.representedFraction < nearlyAll),
    }));
    const found = byGamma.map(({ gamma, models }): Cell => {
      const groups = [...groupBy(models, ({ m }) => m).values()].map((group) => ({
        x: group.map(({ alpha }) => alpha ?? 0),
        y: group.map((model) => model.representedFraction),
      }));
      const pooled = spearman(groups);
      const label = `γ = ${formatNumber(gamma)}`;
      return pooled
        ? { value: pooled.correlation, low: pooled.low, high: pooled.high, label }
        : { value: Number.NaN, label };
    });
    const used = found.filter((_, i) => byGamma[i]!.varies);
    if (!found.length) return noCells(part);
    const text = found.map(
      ({ label, value, low, high }, i) =>
        `${Number.isNaN(value) ? 'none' : `${formatNumber(value)} (${formatNumber(low!)} to ${formatNumber(high!)})`} at ${label}${byGamma[i]!.varies ? '' : ', where φ½ is above 0.99 throughout'}`,
    );
    return {
      kind: 'cells',
      cells: used.map((cell, i) => ({
        ...cell,
        seeds: seedCount(byGamma.filter(({ varies }) => varies)[i]!.models.map(({ seeds }) => seeds))!.least,
      })),
      excluded: excluded + found.length - used.length,
      detail: `Spearman's correlation within each m, pooled, with its 95% interval: ${text.join('; ')}.`,
    };
  }),
});

/** Loss over that of the model in `against` that differs in gamma alone. */
export const lossRatio = defineQuantity<Sources>({
  id: 'loss-ratio',
  label: 'ratio of losses',
  kind: 'cells',
  measure: overModels(({ cells, excluded }, part, sweep) => {
    const others = new Map(selectModels(sweep, part.against).cells.map((model) => [withoutGamma(model), model]));
    return listCells(
      cells,
      excluded,
      (model) => {
        const other = others.get(withoutGamma(model));
        return other && model.loss / other.loss;
      },
      (model) => Math.min(model.seeds, others.get(withoutGamma(model))?.seeds ?? 1),
      'Ratio of losses at equal α and m.',
    );
  }),
});

export function withoutGamma(model: ModelCellMean): string {
  const { frequencies, alpha, n, m, density, batch, steps } = model;
  return [frequencies, alpha, n, m, density, batch, steps].join(' ');
}

/** |ln(L/Eq. 4)|: how far the loss is from that of the unlearned features, either way. */
export const unlearnedLossFactor = defineQuantity<Sources>({
  id: 'unlearned-loss-factor',
  label: '|ln(L/Eq. 4)|',
  kind: 'cells',
  measure: overModels(({ cells, excluded }) => {
    const above = cells.filter(({ loss, unlearnedLoss }) => loss > unlearnedLoss).length;
    const byAlpha = distinct(cells.flatMap(({ alpha }) => (alpha === null ? [] : [alpha]))).map((alpha) => {
      const ratios = cells.filter((model) => model.alpha === alpha).map((model) => model.loss / model.unlearnedLoss);
      return `${formatNumber(middle(ratios))} at ${formatNumber(alpha)}`;
    });
    return listCells(
      cells,
      excluded,
      ({ loss, unlearnedLoss }) =>
        unlearnedLoss > 0 && loss > 0 ? Math.abs(ln(loss / unlearnedLoss)) : unlearnedLoss === 0 ? Infinity : undefined,
      ({ seeds }) => seeds,
      `The loss is the larger one in ${above} of ${cells.length} cells. Median of L/Eq. 4 by α: ${byAlpha.join(', ')}.`,
    );
  }),
});

function middle(values: readonly number[]): number {
  const ordered = Float64Array.from(values).sort();
  return ordered[Math.floor((ordered.length - 1) / 2)] ?? Number.NaN;
}

/** Loss of the unlearned features as a share of the loss. */
export const unlearnedLossShare = defineQuantity<Sources>({
  id: 'unlearned-loss-share',
  label: 'Eq. 4 over loss',
  kind: 'cells',
  measure: byModel(({ loss, unlearnedLoss }) => unlearnedLoss / loss),
});
