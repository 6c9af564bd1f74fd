/** How many features are represented, and what that does to the loss (Figs. 3, 5, 11, 13). */
import { ln } from '../../../../numerics/elementary.ts';
import { median } from '../../../../numerics/statistics/moments.ts';
import { rankCorrelation, spearman } from '../../../../numerics/statistics/rank-tests.ts';
import type { RankCorrelation } from '../../../../numerics/statistics/rank-tests.ts';
import { defineQuantity, formatNumber, selects } from 'repro/claims';
import type { Cells } from 'repro/claims';
import { publishedFeatures } from '../../../published/points.ts';
import type { ModelCell } from '../../../toy/artifacts.ts';
import type { ModelCellMean } from '../cells.ts';
import { coordinates } from '../coordinates.ts';
import { byModel, cellCount, distinct, groupBy, leftOut, listCells, overModels, selectModels } from './sources.ts';
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

interface Correlation {
  readonly gamma: number;
  /** Whether phi_1/2 is below `nearlyAll` somewhere. */
  readonly varies: boolean;
  readonly seeds: number | undefined;
  readonly found: Pick<RankCorrelation, 'correlation' | 'low' | 'high'> | undefined;
}

/** At each gamma whose phi_1/2 varies: Spearman's correlation of phi_1/2 and alpha, ranked within each m and pooled. */
export const representedAlphaCorrelation = defineQuantity<Sources>({
  id: 'represented-alpha-correlation',
  label: 'rank correlation of φ½ and α',
  kind: 'cells',
  measure: (part, sources) => {
    if (!sources.representedCorrelations) return ofModels(part, sources);
    const meant = sources.representedCorrelations.filter(({ gamma }) =>
      selects(
        { frequencies: 'power-law', alpha: null, n: publishedFeatures.small, m: [], gamma },
        part.cells,
        coordinates,
      ),
    );
    return tellCorrelations(
      meant.map(({ gamma, correlation, points }) => ({
        ...{ gamma, varies: true, seeds: undefined },
        found: rankCorrelation(correlation, points),
      })),
      0,
    );
  },
});

const ofModels = overModels(({ cells, excluded }) => {
  const known = cells.filter(({ representedFraction }) => typeof representedFraction === 'number');
  const byGamma = [...groupBy(known, ({ gamma }) => gamma).values()].map((models): Correlation => {
    const groups = [...groupBy(models, ({ m }) => m).values()].map((group) => ({
      x: group.map(({ alpha }) => alpha ?? 0),
      y: group.map((model) => model.representedFraction),
    }));
    return {
      gamma: models[0]!.gamma,
      varies: models.some((model) => model.representedFraction < nearlyAll),
      seeds: Math.min(...models.map(({ seeds }) => seeds)),
      found: spearman(groups),
    };
  });
  return tellCorrelations(byGamma, excluded);
});

function tellCorrelations(byGamma: readonly Correlation[], excluded: number): Cells {
  const text = byGamma.map(({ gamma, varies, found }) => {
    const value = found
      ? `${formatNumber(found.correlation)} (${formatNumber(found.low)} to ${formatNumber(found.high)})`
      : 'none';
    return `${value} at γ = ${formatNumber(gamma)}${varies ? '' : ', where φ½ is above 0.99 throughout'}`;
  });
  return listCells(
    byGamma,
    excluded,
    ({ varies, found }) => {
      if (!varies) return leftOut;
      return found && { value: found.correlation, low: found.low, high: found.high };
    },
    ({ seeds }) => seeds,
    `Spearman's correlation within each m, pooled, with its 95% interval: ${text.join('; ')}.`,
  );
}

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

export function withoutGamma(model: ModelCell): string {
  const { frequencies, alpha, n, m, density, batch, steps } = model;
  return [frequencies, alpha, n, m, density, batch, steps].join(' ');
}

/** |ln(L/Eq. 4)|: how far the loss is from that of the unlearned features, either way. */
export const unlearnedLossFactor = defineQuantity<Sources>({
  id: 'unlearned-loss-factor',
  label: '|ln(L/Eq. 4)|',
  kind: 'cells',
  measure: overModels(({ cells, excluded }) => {
    const known = cells.filter((model) => factorOf(model) !== undefined);
    const above = known.filter(({ loss, unlearnedLoss }) => loss > unlearnedLoss).length;
    const byAlpha = distinct(known.flatMap(({ alpha }) => (alpha === null ? [] : [alpha]))).map((alpha) => {
      const ratios = known.filter((model) => model.alpha === alpha).map((model) => model.loss / model.unlearnedLoss);
      return `${formatNumber(median(ratios))} at ${formatNumber(alpha)}`;
    });
    const medians = byAlpha.length ? ` Median of L/Eq. 4 by α: ${byAlpha.join(', ')}.` : '';
    return listCells(
      cells,
      excluded,
      factorOf,
      ({ seeds }) => seeds,
      `The loss is the larger one in ${above} of ${cellCount(known.length)}.${medians}`,
    );
  }),
});

function factorOf({ loss, unlearnedLoss }: ModelCellMean): number | undefined {
  if (unlearnedLoss === 0) return Infinity;
  return unlearnedLoss > 0 && loss > 0 ? Math.abs(ln(loss / unlearnedLoss)) : undefined;
}

/** Loss of the unlearned features as a share of the loss. */
export const unlearnedLossShare = defineQuantity<Sources>({
  id: 'unlearned-loss-share',
  label: 'Eq. 4 over loss',
  kind: 'cells',
  measure: byModel(({ loss, unlearnedLoss }) => unlearnedLoss / loss),
});
