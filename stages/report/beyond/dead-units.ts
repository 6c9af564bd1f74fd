/** What these runs show of the weakly represented features under strong superposition, and the paper does not say. */
import { median } from '../../../numerics/statistics.ts';
import type { FittedSweepContent, ModelSummary } from '../../artifacts.ts';
import { distinct, fewestRows } from '../claims/quantities/sources.ts';
import { inRange, selectModels } from '../claims/select.ts';
import type { Range } from '../claims/definition.ts';
import { formatNumber, formatPercent } from '../format.ts';

export interface Observation {
  readonly question: string;
  readonly measured: string;
}

const bands: readonly (readonly [string, Range])[] = [
  ['α ≤ 1.5', { atMost: 1.5 }],
  ['α > 1.5', { above: 1.5 }],
];

/** Of the small sweep's models with gamma < 0 and enough weakly represented rows; none where there are no such models. */
export function deadUnits(sweeps: readonly FittedSweepContent[]): Observation[] {
  const sweep = sweeps.find(({ experiment }) => experiment === 'small');
  const models = sweep ? selectModels(sweep, { gamma: { below: 0 } }).filter(({ weakOverlap, projection }) => projection === 'none' && (weakOverlap?.count ?? 0) >= fewestRows) : [];
  if (!models.length) return [];
  return [
    {
      question: 'Share of the weakly represented rows that are dead: the feature’s own largest activation leaves its output at zero, bᵢ + 2‖Wᵢ‖² ≤ 0',
      measured: inBands(models, ({ dead }) => dead.ofWeak, formatPercent),
    },
    { question: 'The same of the strongly represented rows', measured: inBands(models, ({ dead }) => dead.ofStrong, formatPercent) },
    {
      question: 'Loss of the dead features, (4/3) Σ pᵢ, over the weakly represented features’ part of the loss (Eq. 10)',
      measured: inBands(models, ({ dead, weakLoss }) => (weakLoss > 0 ? dead.loss / weakLoss : null), formatNumber),
    },
    {
      question: 'Probability that a dead feature began with a lower bias than one that is not dead',
      measured: inWidths(models, ({ dead }) => dead.lowerInitialBias),
    },
    { question: 'Probability that a dead feature is less frequent than one that is not dead', measured: inWidths(models, ({ dead }) => dead.lessFrequent) },
  ];
}

type Quantity = (model: ModelSummary) => number | null;

function inBands(models: readonly ModelSummary[], quantity: Quantity, format: (value: number) => string): string {
  return parts(bands.map(([name, alpha]) => [name, models.filter((model) => model.alpha !== null && inRange(model.alpha, alpha))]), quantity, format);
}

function inWidths(models: readonly ModelSummary[], quantity: Quantity): string {
  return parts(distinct(models.map(({ m }) => m)).map((m) => [`m = ${m}`, models.filter((model) => model.m === m)]), quantity, formatNumber);
}

/** The median over the models of each part that have the quantity. */
function parts(groups: readonly (readonly [string, readonly ModelSummary[]])[], quantity: Quantity, format: (value: number) => string): string {
  return groups
    .flatMap(([name, models]) => {
      const values = models.map(quantity).filter((value) => value !== null);
      return values.length ? [`${name}: ${format(median(values))}`] : [];
    })
    .join('; ');
}
