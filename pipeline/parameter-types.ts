/** What the parameters of several experiments are made of. */
import { Type } from '@sinclair/typebox';
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { InitialBias } from '../stages/toy/train/initial-bias.ts';

export const strict = { additionalProperties: false };

/** Beyond every use, and far below what would hang a planner or fill a memory: a digit too many is refused at once. */
export const largest = { n: 131_072, m: 16_384, batch: 65_536, steps: 10_000_000, values: 1_000, models: 100_000 };

/** A factor by which a batch or a schedule is made larger. */
export const Factor = (description?: string) =>
  Type.Integer({ minimum: 2, maximum: largest.values, ...(description !== undefined && { description }) });

/** Values of a swept parameter: listed, or evenly spaced. */
export const Grid = Type.Union(
  [
    Type.Array(Type.Number(), { minItems: 1, maxItems: largest.values }),
    Type.Object(
      { from: Type.Number(), to: Type.Number(), count: Type.Integer({ minimum: 1, maximum: largest.values }) },
      strict,
    ),
  ],
  { description: 'A list of values, or { from, to, count } for evenly spaced ones' },
);
export type Grid = Static<typeof Grid>;

/** The values of a grid. */
export function gridValues(grid: Grid): number[] {
  if (Array.isArray(grid)) return [...new Set(grid)];
  const { from, to, count } = grid;
  return Array.from({ length: count }, (_, i) => (count === 1 ? from : from + ((to - from) * i) / (count - 1)));
}

/** How many values a grid has. */
export function gridSize(grid: Grid): number {
  return Array.isArray(grid) ? grid.length : grid.count;
}

export const Widths = Type.Array(Type.Integer({ minimum: 1, maximum: largest.m }), {
  minItems: 1,
  maxItems: largest.values,
  description: 'Model dimensions m',
});
export const Features = Type.Integer({ minimum: 2, maximum: largest.n, description: 'Number of features n' });
export const Seeds = Type.Integer({
  minimum: 1,
  maximum: largest.values,
  description: 'Models of each such cell, the first included',
});

/** A learning rate, or one that follows the model dimension: value * (m / atM)^exponent. */
export const Rate = Type.Union([
  Type.Number({ exclusiveMinimum: 0 }),
  Type.Object(
    { value: Type.Number({ exclusiveMinimum: 0 }), atM: Type.Number({ exclusiveMinimum: 0 }), exponent: Type.Number() },
    strict,
  ),
]);
export type Rate = Static<typeof Rate>;

export const Training = Type.Object(
  {
    batch: Type.Integer({ minimum: 1, maximum: largest.batch }),
    steps: Type.Integer({ minimum: 1, maximum: largest.steps }),
    warmup: Type.Integer({ minimum: 0, maximum: largest.steps, description: 'Steps of warm-up' }),
    peakRateW: Rate,
    peakRateB: Rate,
    lossScale: Type.Number({
      exclusiveMinimum: 0,
      description: 'Factor on the mean squared error that is minimised: 1 small models, 100 large',
    }),
    /** Default: the paper's N(0, 1). */
    initialBias: Type.Optional(InitialBias),
    epsilon: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: "Epsilon of Adam (default: the paper's 1e-8)" }),
    ),
  },
  strict,
);
export type Training = Static<typeof Training>;

/** Power-law frequencies, all combinations of alpha, gamma and m. */
export const Sweep = {
  n: Features,
  m: Widths,
  alpha: Grid,
  gamma: Grid,
  training: Training,
};
export type Sweep = Static<TObject<typeof Sweep>>;

export const Frequencies = Type.Union([
  Type.Object({ frequencies: Type.Literal('power-law'), alpha: Type.Number({ minimum: 0 }) }, strict),
  Type.Object(
    {
      frequencies: Type.Literal('exponential'),
      scale: Type.Number({ exclusiveMinimum: 0 }),
      firstIndex: Type.Union([Type.Literal(0), Type.Literal(1)]),
    },
    strict,
  ),
  Type.Object(
    { frequencies: Type.Literal('linear'), firstIndex: Type.Union([Type.Literal(0), Type.Literal(1)]) },
    strict,
  ),
]);
export type Frequencies = Static<typeof Frequencies>;

/** An experiment that a parameter set may leave out: absent, or null where the set that it extends has it. */
export const optionalExperiment = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));
