/**
 * What the reasons of claims.json say, sentence by sentence, as rules about stored values: the same form as the parts of
 * claims, judged by the same code. `reasons.test.ts` asks all of them, and changes the values to see them fail.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineQuantity } from 'repro/claims';
import type { Part } from 'repro/claims';
import { cellsOf } from '../../../stages/report/claims/cells.ts';
import { byModel, listCells, overFits, overModels } from '../../../stages/report/claims/quantities/sources.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import type { ModelSummary } from '../../../stages/toy/artifacts.ts';
import { cellKey } from '../../../stages/toy/cell-keys.ts';
import { closestToNoSuperposition } from '../../../stages/toy/closest-to-no-superposition.ts';

/** The published reports of quick and paper, a table of paper-cpu (stored-values/), and the points that the authors published. */
export type Stored = 'quick' | 'paper' | 'paper-cpu' | 'authors';

/** A rule that holds if a sentence is true, and the values that it is about. */
export interface Ground extends Pick<Part, 'quantity' | 'cells' | 'rule' | 'expectation'> {
  readonly of: Stored;
  readonly experiment?: string;
}

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
export const authors = JSON.parse(
  readFileSync(join(root, 'params/published/points.json'), 'utf8'),
) as PublishedPointsContent;

/** Quantities that reasons are about and no claim is. */
export const further = [
  defineQuantity<Sources>({
    id: 'dead-of-weak',
    label: 'dead share of the weakly represented features',
    kind: 'cells',
    measure: byModel(({ dead }) => dead.ofWeak),
  }),
  defineQuantity<Sources>({
    id: 'dead-lower-bias',
    label: 'probability that a dead feature began with a lower bias',
    kind: 'cells',
    measure: byModel(({ dead }) => dead.lowerInitialBias),
  }),
  defineQuantity<Sources>({
    id: 'dead-less-frequent',
    label: 'probability that a dead feature is less frequent',
    kind: 'cells',
    measure: byModel(({ dead }) => dead.lessFrequent),
  }),
  defineQuantity<Sources>({
    id: 'dead-loss-share',
    label: 'loss of the dead features over the loss',
    kind: 'cells',
    measure: byModel(({ dead, loss }) => dead.loss / loss),
  }),
  defineQuantity<Sources>({
    id: 'dead-most-frequent',
    label: 'rank of the most frequent dead feature',
    kind: 'cells',
    measure: byModel(({ dead }) => dead.mostFrequent),
  }),
  defineQuantity<Sources>({
    id: 'unrepresented-loss-factor',
    label: '|ln(L / loss of the features that are not represented)|',
    kind: 'cells',
    measure: byModel(({ loss, unrepresentedLoss }) =>
      loss && unrepresentedLoss ? Math.abs(Math.log(loss / unrepresentedLoss)) : null,
    ),
  }),
  defineQuantity<Sources>({
    id: 'beyond-reach-share',
    label: 'loss of the features beyond reach over the loss',
    kind: 'cells',
    measure: byModel(({ beyondReach, loss }) => beyondReach!.loss / loss),
  }),
  defineQuantity<Sources>({
    id: 'beyond-reach-loss',
    label: 'loss of the features beyond reach',
    kind: 'cells',
    measure: byModel(({ beyondReach }) => beyondReach!.loss),
  }),
  defineQuantity<Sources>({
    id: 'low-start-loss',
    label: 'share of live features that began below −1 in the loss of live features',
    kind: 'cells',
    measure: byModel(({ lowStart }) => lowStart!.loss),
  }),
  defineQuantity<Sources>({
    id: 'low-start-frequency',
    label: 'their share of the frequency of live features',
    kind: 'cells',
    measure: byModel(({ lowStart }) => lowStart!.frequency),
  }),
  defineQuantity<Sources>({
    id: 'loss-over-authors',
    label: 'loss of a large model over the authors’',
    kind: 'cells',
    measure: byModel(({ frequencies, gamma, m, loss }) => {
      const regime = gamma < 0 ? 'strong' : 'weak';
      const theirs = authors.series.largeLosses.rows.find(
        (row) => row.frequencies === frequencies && row.regime === regime && row.m === m,
      );
      return loss / theirs!.loss;
    }),
  }),
  defineQuantity<Sources>({
    id: 'loss-times-width',
    label: 'L m',
    kind: 'cells',
    measure: byModel(({ loss, m }) => loss * m),
  }),
  defineQuantity<Sources>({
    id: 'live-overlap-times-width',
    label: 'mean square overlap of live features, times m',
    kind: 'cells',
    measure: byModel(({ live, m }) => (live.overlap ? live.overlap.meanSquare * m : null)),
  }),
  defineQuantity<Sources>({
    id: 'above-twice-in-intervals',
    label: 'αₘ − 2(α − 1), over half the width of its 95% interval',
    kind: 'cells',
    measure: overFits((fits) =>
      listCells(
        fits,
        0,
        ({ alpha, exponent, low, high }) => (exponent - 2 * (alpha! - 1)) / (0.5 * (high - low)),
        () => undefined,
        '',
      ),
    ),
  }),
  overHalf('live-loss-over-half', 'live', ({ live }) => live),
  overHalf('dead-loss-over-half', 'dead', ({ dead }) => dead),
  closestError('closest-error-moderate-decay', (gamma) => gamma < 0.6),
  closestError('closest-error-strong-decay', (gamma) => gamma > 0.7),
];

/** A part of the loss of each model over that of the model of half its m, as measured at the output units. */
function overHalf(id: string, which: string, part: (loss: ModelSummary['outputLoss']) => number) {
  return defineQuantity<Sources>({
    ...{ id, label: `loss of ${which} features over that at half of m`, kind: 'cells' },
    measure: overModels((models, _, sweep) =>
      listCells(
        models.cells,
        models.excluded,
        (model) => {
          const half = cellsOf(sweep).find((other) => cellKey({ ...other, m: 2 * other.m }) === cellKey(model));
          return half && part(model.outputLoss) / part(half.outputLoss);
        },
        ({ seeds }) => seeds,
        '',
      ),
    ),
  });
}

/** `closest-exponent-error`, of those of its cells whose weight decay is `wanted`. */
function closestError(id: string, wanted: (gamma: number) => boolean) {
  return defineQuantity<Sources>({
    ...{ id, label: '|αₘ − (α − 1)| closest to no superposition', kind: 'cells' },
    measure: ({ experiment }, { sweeps }) => {
      const sweep = sweeps.find((one) => one.experiment === experiment)!;
      const cells = closestToNoSuperposition(sweep.exponents).filter(({ gamma }) => wanted(gamma));
      return listCells(
        cells,
        0,
        ({ alpha, exponent }) => Math.abs(exponent - (alpha! - 1)),
        () => undefined,
        '',
      );
    },
  });
}

const every = (expectation: Part['expectation']): Pick<Part, 'rule' | 'expectation'> => ({
  rule: 'share',
  expectation: { ...expectation, share: 1 },
});
const everyInterval = (expectation: Part['expectation']): Pick<Part, 'rule' | 'expectation'> => ({
  rule: 'share-interval',
  expectation: { ...expectation, share: 1 },
});

const row = { gamma: { is: -0.556 } };
const correlation = 'represented-alpha-correlation';
const clearGap = { ...row, alpha: { above: 0, atMost: 0.75 }, m: { atLeast: 17 } };
const largeWidths = { ...row, alpha: { above: 0, atMost: 1.5 }, m: { atLeast: 25 } };
const weakRows = { gamma: { below: 0 }, alpha: { atMost: 1 } };
const weakDecay = { gamma: { atLeast: 0.111 } };

/** The strong models of `large`, some of them. */
const ofLarge = (cells: Part['cells'] & object): Pick<Ground, 'of' | 'experiment' | 'cells'> => ({
  of: 'paper',
  experiment: 'large',
  cells: { gamma: { below: 0 }, ...cells },
});
const widest = { m: { is: 1024 } };
const half = { m: { is: 512 } };
const linear = { frequencies: ['linear'] };

const areDead = (of: Stored, cells: Part['cells'] & object, share: number): Ground[] => [
  { of, quantity: 'dead-of-weak', cells, ...every({ low: share }) },
];
const biasTellsThemApart = (of: Stored, cells: Part['cells'] & object): Ground[] => [
  { of, quantity: 'dead-lower-bias', cells, ...every({ low: 0.95 }) },
  { of, quantity: 'dead-less-frequent', cells, ...every({ high: 0.65 }) },
];
const rankingHolds = (of: Stored): Ground[] =>
  [{ alpha: { above: 0 }, m: { is: 10 } }, { alpha: { is: 2 } }].map((cells) => ({
    of,
    quantity: 'strong-rank-p',
    cells: { ...row, ...cells },
    ...every({ below: 0.001 }),
  }));
const rankingFails = (of: Stored, share: number): Ground[] => [
  { of, quantity: 'strong-rank-p', cells: largeWidths, rule: 'share', expectation: { low: 0.001, share } },
];
const fewDeadMakeTheLoss = (of: Stored): Ground[] => [
  {
    of,
    quantity: 'dead-loss-share',
    cells: { ...row, alpha: { atLeast: 1.25 } },
    rule: 'median',
    expectation: { above: 0.5 },
  },
];
const steepWide: Pick<Ground, 'of' | 'experiment' | 'cells'> = {
  of: 'paper',
  experiment: 'wide',
  cells: { gamma: { below: 0 }, alpha: { atLeast: 1.75 } },
};
const mildWide: typeof steepWide = { ...steepWide, cells: { gamma: { below: 0 }, alpha: { below: 1.5 } } };
/** `claim part set` -> sentence -> grounds. */
export const grounds: Readonly<Record<string, readonly (readonly [sentence: string, grounds: readonly Ground[]])[]>> = {
  'large-strong-exponents a paper': [
    [
      'At m = 1024 the loss is 1.6 to 2.8 times the authors’, at smaller m 0.8 to 1.5 times.',
      [
        { ...ofLarge(widest), quantity: 'loss-over-authors', ...every({ low: 1.6, high: 2.8 }) },
        { ...ofLarge({ m: { below: 1024 } }), quantity: 'loss-over-authors', ...every({ low: 0.8, high: 1.5 }) },
      ],
    ],
    [
      'Features beyond reach (see *What rests on the initial biases*) make a third to two thirds of it, but as much at m = 512, where the loss is within 16% of the authors’.',
      [
        { ...ofLarge(widest), quantity: 'beyond-reach-share', ...every({ low: 0.3, high: 0.67 }) },
        { ...ofLarge(half), quantity: 'beyond-reach-share', ...every({ low: 0.3, high: 0.75 }) },
        { ...ofLarge(half), quantity: 'loss-over-authors', ...every({ low: 0.84, high: 1.16 }) },
      ],
    ],
    [
      'From m = 512 to 1024 the loss of live features rises by a factor of 1.4 to 1.8 under all three laws, while that of dead ones falls.',
      [
        { ...ofLarge(widest), quantity: 'live-loss-over-half', ...every({ low: 1.4, high: 1.8 }) },
        { ...ofLarge(widest), quantity: 'dead-loss-over-half', ...every({ below: 1 }) },
      ],
    ],
    [
      'At m = 1024 features that began with a bias below −1 make 46 to 53% of it, with 7 to 15% of the frequency; for m = 64 to 256 at most 19%. So training is likely too short there to make up for the start; a longer one was not tried.',
      [
        { ...ofLarge(widest), quantity: 'low-start-loss', ...every({ low: 0.455, high: 0.535 }) },
        { ...ofLarge(widest), quantity: 'low-start-frequency', ...every({ low: 0.065, high: 0.155 }) },
        { ...ofLarge({ m: { atLeast: 64, atMost: 256 } }), quantity: 'low-start-loss', ...every({ high: 0.194 }) },
      ],
    ],
  ],
  'large-strong-exponents c paper': [
    [
      'At m = 1024 the loss is more than 1.6 times the authors’, as in a).',
      [
        {
          ...ofLarge({ ...widest, ...linear }),
          quantity: 'loss-over-authors',
          ...every({ above: 1.6 }),
        },
      ],
    ],
  ],
  'large-r2 a paper': [
    [
      'The linear curve falls short: at m = 1024 its loss is no lower than at m = 512.',
      [
        { ...ofLarge({ ...widest, ...linear }), quantity: 'loss-times-width', ...every({ low: 90 }) },
        { ...ofLarge({ ...half, ...linear }), quantity: 'loss-times-width', ...every({ high: 45 }) },
      ],
    ],
    [
      'Features beyond reach are not why: their part is no larger at m = 1024.',
      [
        { ...ofLarge({ ...half, ...linear }), quantity: 'beyond-reach-loss', ...every({ low: 0.03 }) },
        { ...ofLarge({ ...widest, ...linear }), quantity: 'beyond-reach-loss', ...every({ high: 0.03 }) },
      ],
    ],
    [
      'Nor are dead ones: their loss falls, while that of live features rises by a factor of 1.5, as in `large-strong-exponents` a).',
      [
        { ...ofLarge({ ...widest, ...linear }), quantity: 'dead-loss-over-half', ...every({ below: 1 }) },
        { ...ofLarge({ ...widest, ...linear }), quantity: 'live-loss-over-half', ...every({ low: 1.45, high: 1.55 }) },
      ],
    ],
  ],
  'one-line a paper': [
    [
      'With linear frequencies L m at m = 256 is more than three times that of the other two laws.',
      [
        {
          ...ofLarge({ m: { is: 256 }, ...linear }),
          quantity: 'loss-times-width',
          ...every({ low: 39 }),
        },
        {
          ...ofLarge({ m: { is: 256 }, frequencies: ['power-law', 'exponential'] }),
          quantity: 'loss-times-width',
          ...every({ high: 13 }),
        },
      ],
    ],
  ],
  'preferred-when-uniform a quick': [
    [
      'At γ = −1/9 more features are represented when frequencies are more skewed, not fewer.',
      [{ of: 'quick', quantity: correlation, cells: { gamma: { is: -0.111 } }, ...everyInterval({ above: 0 }) }],
    ],
    [
      'At γ = −1/3 there is no clear trend.',
      [
        {
          of: 'quick',
          quantity: correlation,
          cells: { gamma: { is: -0.333 } },
          ...every({ low: -0.3, high: 0.3 }),
        },
      ],
    ],
    [
      'At every γ above 0 it is as claimed.',
      [{ of: 'quick', quantity: correlation, cells: { gamma: { above: 0 } }, ...everyInterval({ below: 0 }) }],
    ],
    [
      'The authors’ own published points (m = 39) say the same at all of these.',
      [
        { of: 'authors', quantity: correlation, cells: { gamma: { is: -0.111 } }, ...everyInterval({ above: 0 }) },
        { of: 'authors', quantity: correlation, cells: { gamma: { is: -0.333 } }, ...every({ low: -0.3, high: 0.3 }) },
        { of: 'authors', quantity: correlation, cells: { gamma: { above: 0 } }, ...everyInterval({ below: 0 }) },
      ],
    ],
  ],
  'preferred-when-uniform a paper': [
    [
      'At γ = −1/9 and γ = −1/3 more features are represented when frequencies are more skewed, not fewer.',
      [
        {
          of: 'paper',
          quantity: correlation,
          cells: { gamma: { atLeast: -0.334, atMost: -0.111 } },
          ...everyInterval({ above: 0 }),
        },
      ],
    ],
    [
      'At γ = −5/9 there is no clear trend.',
      [{ of: 'paper', quantity: correlation, cells: row, ...every({ low: -0.3, high: 0.3 }) }],
    ],
    [
      'At every γ above 0 it is as claimed.',
      [{ of: 'paper', quantity: correlation, cells: { gamma: { above: 0 } }, ...everyInterval({ below: 0 }) }],
    ],
    [
      'The authors’ own published points (m = 39) say the same at γ = −1/9 and above 0.',
      [
        { of: 'authors', quantity: correlation, cells: { gamma: { is: -0.111 } }, ...everyInterval({ above: 0 }) },
        { of: 'authors', quantity: correlation, cells: { gamma: { above: 0 } }, ...everyInterval({ below: 0 }) },
      ],
    ],
  ],
  'unlearned-loss a paper': [
    [
      'The loss is that of the features that are not represented, to 1% in the median.',
      [
        {
          of: 'paper',
          quantity: 'unrepresented-loss-factor',
          cells: weakDecay,
          rule: 'median',
          expectation: { high: 0.01 },
        },
      ],
    ],
    [
      'But these are not the rarest ones, as Eq. 4 has it: in at least half of the models one of the three most frequent features is a dead unit.',
      [{ of: 'paper', quantity: 'dead-most-frequent', cells: weakDecay, rule: 'median', expectation: { high: 3 } }],
    ],
    [
      'Such a unit began with a lower bias than a live one nine times in ten, in the median (see *Which features are left out*).',
      [{ of: 'paper', quantity: 'dead-lower-bias', cells: weakDecay, rule: 'median', expectation: { low: 0.9 } }],
    ],
  ],
  'weak-exponent a paper': [
    [
      'Of the nine cells those with γ ≤ 5/9, where all of Fig. 5b lie, are within 0.15 of α − 1.',
      [{ of: 'paper', quantity: 'closest-error-moderate-decay', ...every({ high: 0.15 }) }],
    ],
    [
      'Those with γ ≥ 7/9 are 0.15 to 0.5 away from it.',
      [{ of: 'paper', quantity: 'closest-error-strong-decay', ...every({ low: 0.15, high: 0.5 }) }],
    ],
    [
      'In the median, dead units make all of the loss of these models, to 1%.',
      [
        {
          of: 'paper',
          quantity: 'dead-loss-share',
          cells: { gamma: { above: 0.3 }, alpha: { atLeast: 1.75 } },
          rule: 'median',
          expectation: { low: 0.99, high: 1.01 },
        },
      ],
    ],
  ],
  'norms-split-at-one a quick': [
    [
      'The two peaks are apart for α ≤ 0.75 and m ≥ 13.',
      [
        {
          of: 'quick',
          quantity: 'norm-valley',
          cells: { ...row, alpha: { atMost: 0.75 }, m: { atLeast: 13 } },
          ...every({ below: 1 }),
        },
      ],
    ],
    [
      'For α ≥ 1 norms fill the gap: the density at 1 is at least a quarter of that of the lower peak in every model.',
      [{ of: 'quick', quantity: 'norm-valley', cells: { ...row, alpha: { atLeast: 1 } }, ...every({ low: 0.25 }) }],
    ],
  ],
  'norms-split-at-one b quick': [
    [
      'For 0 < α ≤ 0.75 and m ≥ 17, where the gap is clear, the rows above 1 are not clearly the more frequent ones (p > 0.01).',
      [
        { of: 'quick', quantity: 'strong-rank-p', cells: clearGap, ...every({ above: 0.01 }) },
        { of: 'quick', quantity: 'norm-valley', cells: clearGap, ...every({ below: 0.5 }) },
      ],
    ],
    ['Most rows below 1 are dead units there.', areDead('quick', clearGap, 0.8)],
    [
      'What tells the dead features apart is the bias drawn before training, not how frequent they are (see *Which features are left out*).',
      biasTellsThemApart('quick', clearGap),
    ],
  ],
  'norms-split-at-one b paper-cpu': [
    ['It holds at m = 10, which is what Fig. 6a shows, and at every m for α = 2.', rankingHolds('paper-cpu')],
    [
      'At m ≥ 25 and α from 0.125 to 1.5 the rows below 1 are not clearly rarer than the others in 47 of 48 models.',
      rankingFails('paper-cpu', 47 / 48),
    ],
    ['At least nine in ten of them are dead units.', areDead('paper-cpu', largeWidths, 0.9)],
    [
      'What tells the dead features apart is the bias drawn before training, not how frequent they are (see *Which features are left out*).',
      biasTellsThemApart('paper-cpu', largeWidths),
    ],
  ],
  'norms-split-at-one b paper': [
    ['It holds at m = 10, which is what Fig. 6a shows, and at every m for α = 2.', rankingHolds('paper')],
    [
      'At m ≥ 25 and α from 0.125 to 1.5 the rows below 1 are not clearly rarer than the others in nine of ten models.',
      rankingFails('paper', 0.9),
    ],
    ['At least nine in ten of them are dead units.', areDead('paper', largeWidths, 0.9)],
    [
      'What tells the dead features apart is the bias drawn before training, not how frequent they are (see *Which features are left out*).',
      biasTellsThemApart('paper', largeWidths),
    ],
  ],
  'weak-rows-robust a quick': [
    [
      'The overlaps of weakly represented rows do not follow 1/m: their mean square rises with m at every α ≤ 1, and reaches 0.9.',
      [
        { of: 'quick', quantity: 'weak-overlap-slope', cells: weakRows, ...every({ above: 0 }) },
        { of: 'quick', quantity: 'weak-overlap', cells: weakRows, rule: 'largest', expectation: { low: 0.9 } },
      ],
    ],
    [
      'At m ≥ 17 most of these rows are dead units.',
      [
        {
          of: 'quick',
          quantity: 'dead-of-weak',
          cells: { ...weakRows, m: { atLeast: 17 } },
          rule: 'median',
          expectation: { low: 0.75 },
        },
      ],
    ],
  ],
  'weak-rows-robust a paper-cpu': [
    [
      'The overlaps of weakly represented rows do not follow 1/m: their mean square rises with m at 7 of 9 α ≤ 1, and reaches 0.9.',
      [
        {
          of: 'paper-cpu',
          quantity: 'weak-overlap-slope',
          cells: weakRows,
          rule: 'share',
          expectation: { above: 0, share: 7 / 9 },
        },
        { of: 'paper-cpu', quantity: 'weak-overlap', cells: weakRows, rule: 'largest', expectation: { low: 0.9 } },
      ],
    ],
    [
      'Nearly all of these rows are dead units.',
      [
        {
          of: 'paper-cpu',
          quantity: 'dead-of-weak',
          cells: weakRows,
          rule: 'median',
          expectation: { low: 0.95 },
        },
      ],
    ],
  ],
  'weak-rows-robust a paper': [
    [
      'The overlaps of weakly represented rows do not follow 1/m: at no α ≤ 1 does their mean square have a slope between −1.25 and −0.75, and it reaches 0.9.',
      [
        { of: 'paper', quantity: 'weak-overlap-slope', cells: weakRows, ...every({ above: -0.75 }) },
        { of: 'paper', quantity: 'weak-overlap', cells: weakRows, rule: 'largest', expectation: { low: 0.9 } },
      ],
    ],
    [
      'Nearly all of these rows are dead units.',
      [{ of: 'paper', quantity: 'dead-of-weak', cells: weakRows, rule: 'median', expectation: { low: 0.95 } }],
    ],
  ],
  'exponent-rule-wide a paper': [
    ['αₘ is above 1 at each α below 1.5.', [{ ...mildWide, quantity: 'model-exponent', ...every({ above: 1 }) }]],
    [
      'Dead features make more than half of the loss of each of these models.',
      [{ ...mildWide, quantity: 'dead-loss-share', ...every({ above: 0.5 }) }],
    ],
    [
      'The mean square overlap of live features is 0.85 to 1.01 times 1/m, so that overlaps near 1/m do not make the exponent 1.',
      [{ ...mildWide, quantity: 'live-overlap-times-width', ...every({ low: 0.845, high: 1.015 }) }],
    ],
  ],
  'exponent-rule-wide b paper': [
    [
      'The 95% interval of each αₘ contains 2(α − 1), and no R² reaches 0.9.',
      [
        { ...steepWide, quantity: 'above-twice-in-intervals', ...every({ low: -1, high: 1 }) },
        { ...steepWide, quantity: 'fit-r2', ...every({ below: 0.9 }) },
      ],
    ],
    [
      'Dead features make more than half of the loss in the median.',
      [{ ...steepWide, quantity: 'dead-loss-share', rule: 'median', expectation: { above: 0.5 } }],
    ],
  ],
  'strong-skewed-steeper a paper-cpu': [
    [
      'The slope comes from the cells of one γ, and its 95% interval, from above −0.1, just contains 0.',
      [
        {
          of: 'paper-cpu',
          quantity: 'exponent-alpha-slope',
          cells: { ...row, alpha: { atLeast: 1.25, atMost: 2 } },
          rule: 'interval-within',
          expectation: { above: -0.1 },
        },
      ],
    ],
    [
      'Dead features, of which there are few at large m, make more than half of the loss at α ≥ 1.25 in the median, so that single ones scatter αₘ.',
      fewDeadMakeTheLoss('paper-cpu'),
    ],
  ],
  'loss-decomposition b paper-cpu': [
    [
      'The interval over five cells of one γ contains 0.',
      [
        {
          of: 'paper-cpu',
          quantity: 'weak-less-strong-slope',
          cells: { ...row, alpha: { atLeast: 1.5 } },
          rule: 'interval-contains',
          expectation: { value: 0, halfWidth: 2 },
        },
      ],
    ],
    ['Single dead features scatter them, as in `strong-skewed-steeper`.', fewDeadMakeTheLoss('paper-cpu')],
  ],
};
