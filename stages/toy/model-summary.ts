/**
 * What is known of one trained model and of one fitted exponent. Each number is described here, at its type, and
 * nowhere else: the tables of results and their documentation are derived. Losses are summed over features (Sec. 2).
 */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { InitialBias } from './train/initial-bias.ts';

export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T, description?: string) =>
  Type.Union([type, Type.Null()], description === undefined ? {} : { description });
const number = (description: string) => Type.Number({ description });
const fraction = (description: string) => Type.Number({ description, minimum: 0 });
export const count = Type.Integer({ minimum: 0 });
const integer = (description: string) => Type.Integer({ description, minimum: 0 });

/** Which model a row is about. */
const Cell = {
  frequencies: Type.Union([Type.Literal('power-law'), Type.Literal('exponential'), Type.Literal('linear')], {
    description: 'Law of the feature frequencies p_i',
  }),
  alpha: nullable(Type.Number(), 'Data exponent α of a power law, p_i ∝ i^−α; none for the other two laws'),
  n: integer('Number of features'),
  m: integer('Model dimension: the columns of W'),
  density: number('Activation density E = Σ p_i: features active in a sample, on average'),
  gamma: number('Weight decay γ of W; negative values pull rows towards unit norm'),
  batch: integer('Samples of a training step'),
  steps: integer('Training steps'),
  projection: Type.Union([Type.Literal('none'), Type.Literal('unit-rows')], {
    description: 'Rows of W projected to unit norm after each step, or left free',
  }),
  replicate: integer('0 for the model itself; 1, 2, ... for its repetitions under other random numbers'),
  initialBias: InitialBias,
  lossScale: number('Factor on the mean squared error that is minimised: 1 (small models) or 100 (large) in the paper'),
  epsilon: number('ε of Adam: 1e-8 in the paper'),
};
export const ModelCell = Type.Object(Cell);
export type ModelCell = Static<typeof ModelCell>;

/** Overlaps among a set of nu rows, taken as unit vectors (Sec. 3, App. D.6). */
export const OverlapStatistics = Type.Object({
  count: integer('number of rows ν'),
  meanSquare: number('mean of (w_i · w_j)² over pairs'),
  meanAbsolute: number('mean of |w_i · w_j| over pairs'),
  varianceAbsolute: number('variance of |w_i · w_j| over pairs'),
  maximumAbsolute: number('largest |w_i · w_j|'),
  welchBoundSquared: number('Welch bound κ² of as many vectors (Eq. 5), below which no mean square can be; 0 if ν ≤ m'),
});
export type OverlapStatistics = Static<typeof OverlapStatistics>;

/** Row norms. */
const NormStatistics = {
  mean: number('mean'),
  standardDeviation: number('standard deviation'),
  minimum: number('smallest'),
  maximum: number('largest'),
};

/** Quantiles of a set of values, by the share below. */
const Quantiles = Type.Object({
  q05: number('5% quantile'),
  q25: number('25% quantile'),
  q50: number('median'),
  q75: number('75% quantile'),
  q95: number('95% quantile'),
});

export const ModelSummary = Type.Object({
  ...Cell,
  loss: number('Loss L on the held-out samples: squared error summed over features, averaged over samples'),
  lossStandardDeviation: number('Standard deviation of the loss from batch to batch of the held-out samples'),
  trainingLoss: number("Mean of the last 100 training losses: the final loss of the authors' scripts"),
  trainingLossStandardDeviation: number('Standard deviation of the last 100 training losses'),
  representedFraction: fraction('φ_1/2: fraction of rows with norm above 1/2'),
  stronglyRepresentedFraction: fraction('φ_1: fraction of rows with norm above 1'),
  middleNormFraction: fraction('Fraction of rows with norm from 0.25 to 0.75'),
  norm: Type.Object(NormStatistics, { description: 'Norms of the rows of W' }),
  normDensityAtOne: number('Density of row norms between 0.975 and 1.025'),
  normDensityBelowOne: number('Highest density of row norms in a bin of 0.05 below 1'),
  normDensityAboveOne: number('Highest density of row norms in a bin of 0.05 above 1'),
  strongRankTest: nullable(
    Type.Object({ z: number('z'), p: number('one-sided p') }),
    'Mann-Whitney test that rows with norm above 1 are the more frequent features; none if a group is empty',
  ),
  unlearnedLoss: number('(4/3) Σ p_i over the ranks i > φ_1/2 n (Eq. 4)'),
  unlearnedLossIntegral: nullable(Type.Number(), 'The same as the integral of App. D.5, with the factor 4/3'),
  unrepresentedLoss: number('(4/3) Σ p_i over the features with row norm at most 1/2, of whatever rank'),
  ambiguity: number('Spectral norm of W Wᵀ − diag(1 (m times), 0, ...): distance from no superposition (App. D.5)'),
  strongOverlap: nullable(OverlapStatistics, 'Rows with norm above 1, as unit vectors; none with fewer than 2'),
  weakOverlap: nullable(OverlapStatistics, 'Rows with norm at most 1, as unit vectors; none with fewer than 2'),
  dead: Type.Object(
    {
      fraction: fraction('fraction of all features'),
      ofWeak: nullable(Type.Number(), 'share of the rows with norm at most 1'),
      ofStrong: nullable(Type.Number(), 'share of the rows with norm above 1'),
      ofRepresented: nullable(Type.Number(), 'share of the rows with norm above 1/2'),
      mostFrequent: nullable(count, 'rank, from 1, of the most frequent'),
      loss: number('(4/3) Σ of their p_i'),
      singleFeatureLoss: number('their terms of Eq. 10, as in strongLoss'),
      lowerInitialBias: nullable(
        Type.Number(),
        'probability that one began with a lower bias than a feature that is not dead',
      ),
      lessFrequent: nullable(Type.Number(), 'probability that one is less frequent than a feature that is not dead'),
    },
    { description: 'Dead features, whose own activation, at most 2, leaves their output at zero: b_i + 2‖W_i‖² ≤ 0' },
  ),
  outputLoss: Type.Object(
    {
      strong: number('features with norm above 1'),
      weak: number('features with norm at most 1'),
      live: number('features that are not dead'),
      dead: number('dead features'),
    },
    { description: 'Part of the loss made at the output units of' },
  ),
  live: Type.Object(
    {
      norm: nullable(Type.Object(NormStatistics), 'row norms'),
      bias: nullable(Quantiles, 'biases'),
      overlap: nullable(
        Type.Object({
          count: integer('number of rows ν'),
          meanSquare: number('mean of (w_i · w_j)² over pairs'),
          welchBoundSquared: number('Welch bound κ² of as many vectors'),
        }),
        'overlaps',
      ),
    },
    { description: 'Features that are not dead' },
  ),
  strongBias: nullable(Quantiles, 'Biases of the rows with norm above 1; none if there are none'),
  strongBiasMedian: nullable(Type.Number(), 'Median bias of the rows with norm above 1; none if there are none'),
  strongFrequency: number('Σ p_i over the features with row norm above 1'),
  strongLoss: number(
    'Terms of Eq. 10 (App. A.1), p_i times the expected loss when feature i alone is active, over the features with norm above 1; joint activations are left out',
  ),
  weakLoss: number('The same over the features with norm at most 1'),
  /** Set where models are collected into a sweep. */
  beyondReach: Type.Optional(
    Type.Object(
      {
        fraction: fraction('fraction of all features'),
        frequency: number('Σ of their p_i'),
        loss: number('part of the loss made at their output units'),
      },
      {
        description:
          'Features whose bias was below −2 before training: with that bias and a row of norm 1, their own activation, at most 2, cannot make them fire',
      },
    ),
  ),
  /** Likewise. */
  lowStart: Type.Optional(
    nullable(
      Type.Object({
        frequency: fraction('share of their Σ p_i'),
        loss: fraction('share of the loss made at their output units'),
      }),
      'Live features whose bias was below −1 before training, of all live features; none without a live feature',
    ),
  ),
  /** Likewise. */
  measurement: Type.Optional(
    Type.String({
      description:
        'SHA-256 of the file with everything measured on this model: lock.json lists it as an output, with the node and the key that made it',
    }),
  ),
});
export type ModelSummary = Static<typeof ModelSummary>;

/** What the models of one curve, loss against m, have in common. */
export const Curve = Type.Omit(ModelCell, ['m', 'replicate']);
const low = number('lower end of the 95% interval (Student’s t; over seeds 1.08 times as wide)');
const high = number('upper end of the 95% interval (Student’s t; over seeds 1.08 times as wide)');

/** A least-squares line in log-log: log L = intercept - exponent log m (App. D.1), one for each cell that differs in m only. */
export const ExponentFit = Type.Object({
  ...Curve.properties,
  exponent: number('Model exponent α_m: minus the slope of ln L, averaged over seeds, in ln m'),
  standardError: number('Standard error of the exponent: by the spread between seeds where there are at least 3'),
  low: Type.Number({
    description: 'Lower end of the 95% interval of the exponent (Student’s t; over seeds 1.08 times as wide)',
  }),
  high: Type.Number({
    description: 'Upper end of the 95% interval of the exponent (Student’s t; over seeds 1.08 times as wide)',
  }),
  errorFrom: Type.Union([Type.Literal('seeds'), Type.Literal('fit')], {
    description:
      'Where the error and the interval come from; those of the fit measure how ln L curves over ln m, and not what another run would give',
  }),
  fit: Type.Object(
    { standardError: number('standard error of the exponent'), low, high },
    { description: 'By the scatter about the line' },
  ),
  curvature: nullable(
    Type.Object({ value: number('coefficient'), standardError: number('its standard error') }),
    'Coefficient of (ln m)² in a parabola through the same points; none with fewer than 4',
  ),
  intercept: number('ln L at m = 1 on the line'),
  r2: number('R² of the line'),
  m: Type.Array(count, { description: 'The model dimensions fitted' }),
  maximumAmbiguity: number('Largest ambiguity over these models (App. D.5)'),
  replicates: nullable(
    Type.Object({
      count: integer('number of seeds'),
      exponents: Type.Array(Type.Number(), { description: 'the exponent of each seed, in order of replicate' }),
      mean: number('mean exponent'),
      standardError: number('standard error of the mean'),
      low,
      high,
      m: Type.Array(count, { description: 'the model dimensions that every seed has' }),
    }),
    'Exponents over seeds, each fitted to the m that every seed has; none without repetitions',
  ),
});
export type ExponentFit = Static<typeof ExponentFit>;
