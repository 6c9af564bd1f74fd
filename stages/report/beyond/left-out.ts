/** What these runs show of the features that a model leaves out or represents weakly, and the paper does not say. */
import { median } from '../../../numerics/statistics/moments.ts';
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { distinct, fewestRows, selectModels } from '../claims/quantities/sources.ts';
import { formatNumber, formatPercent, inRange } from 'repro/claims';
import type { Range } from 'repro/claims';

export interface Observation {
  readonly question: string;
  readonly measured: string;
}

const bands: readonly (readonly [string, Range])[] = [
  ['α ≤ 1.5', { atMost: 1.5 }],
  ['α > 1.5', { above: 1.5 }],
];

/** Of the small sweep's models: first those with gamma < 0 and enough weakly represented rows, then those with gamma > 0. */
export function featuresLeftOut(sweeps: readonly FittedSweepContent[]): Observation[] {
  const sweep = sweeps.find(({ experiment }) => experiment === 'small');
  if (!sweep) return [];
  const of = (gamma: Range): ModelSummary[] =>
    selectModels(sweep, { gamma }).cells.filter(({ projection }) => projection === 'none');
  return [
    ...weaklyRepresented(of({ below: 0 }).filter(({ weakOverlap }) => (weakOverlap?.count ?? 0) >= fewestRows)),
    ...unlearned(of({ above: 0 })),
  ];
}

function weaklyRepresented(models: readonly ModelSummary[]): Observation[] {
  if (!models.length) return [];
  return [
    {
      question: 'γ < 0: share of the weakly represented features that are dead',
      measured: inBands(models, ({ dead }) => dead.ofWeak, formatPercent),
    },
    {
      question: 'γ < 0: share of the strongly represented features that are dead',
      measured: inBands(models, ({ dead }) => dead.ofStrong, formatPercent),
    },
    {
      question:
        'γ < 0: loss of the dead features, (4/3) Σ pᵢ, over the weakly represented features’ part of the loss (Eq. 10)',
      measured: inBands(models, ({ dead, weakLoss }) => (weakLoss > 0 ? dead.loss / weakLoss : null), formatNumber),
    },
    ...whichAreDead('γ < 0', models),
  ];
}

function unlearned(models: readonly ModelSummary[]): Observation[] {
  if (!models.length) return [];
  return [
    {
      question: 'γ > 0: loss over Eq. 4, which takes the features learned to be the φ½ n most frequent ones',
      measured: inBands(
        models,
        ({ loss, unlearnedLoss }) => (unlearnedLoss > 0 ? loss / unlearnedLoss : null),
        formatNumber,
      ),
    },
    {
      question:
        'γ > 0: loss over (4/3) Σ pᵢ of the features that are not represented (row norm at most 1/2), whichever they are',
      measured: inBands(
        models,
        ({ loss, unrepresentedLoss }) => (unrepresentedLoss > 0 ? loss / unrepresentedLoss : null),
        formatNumber,
      ),
    },
    ...whichAreDead('γ > 0', models),
  ];
}

function whichAreDead(regime: string, models: readonly ModelSummary[]): Observation[] {
  return [
    {
      question: `${regime}: probability that a dead feature began with a lower bias than one that is not dead`,
      measured: inWidths(models, ({ dead }) => dead.lowerInitialBias),
    },
    {
      question: `${regime}: probability that a dead feature is less frequent than one that is not dead`,
      measured: inWidths(models, ({ dead }) => dead.lessFrequent),
    },
  ];
}

type Quantity = (model: ModelSummary) => number | null;

function inBands(models: readonly ModelSummary[], quantity: Quantity, format: (value: number) => string): string {
  return parts(
    bands.map(([name, alpha]) => [
      name,
      models.filter((model) => model.alpha !== null && inRange(model.alpha, alpha, 0.005)),
    ]),
    quantity,
    format,
  );
}

function inWidths(models: readonly ModelSummary[], quantity: Quantity): string {
  return parts(
    distinct(models.map(({ m }) => m)).map((m) => [`m = ${m}`, models.filter((model) => model.m === m)]),
    quantity,
    formatNumber,
  );
}

/** The median over the models of each part that have the quantity. */
function parts(
  groups: readonly (readonly [string, readonly ModelSummary[]])[],
  quantity: Quantity,
  format: (value: number) => string,
): string {
  return groups
    .flatMap(([name, models]) => {
      const values = models.map(quantity).filter((value) => value !== null);
      return values.length ? [`${name}: ${format(median(values))}`] : [];
    })
    .join('; ');
}
