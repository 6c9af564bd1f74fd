/** What a parameter set holds: one source for the TypeScript type and for the JSON Schema that editors use. */
import { Type } from '@sinclair/typebox';
import type { Static, TSchema } from '@sinclair/typebox';
import { LanguageModelParameters } from './language-model-parameters.ts';
import { Readings } from '../stages/toy/readings.ts';
import { FitRange } from '../stages/toy/fit-exponents/fit-range.ts';
import { figureIds } from '../stages/figures/needs.ts';
import { InitialBias } from '../stages/toy/train/initial-bias.ts';

const strict = { additionalProperties: false };

/** Values of a swept parameter: listed, or evenly spaced. */
export const Grid = Type.Union(
  [
    Type.Array(Type.Number(), { minItems: 1 }),
    Type.Object({ from: Type.Number(), to: Type.Number(), count: Type.Integer({ minimum: 1 }) }, strict),
  ],
  { description: 'A list of values, or { from, to, count } for evenly spaced ones' },
);
export type Grid = Static<typeof Grid>;

const Widths = Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, description: 'Model dimensions m' });
const Features = Type.Integer({ minimum: 2, description: 'Number of features n' });

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
    batch: Type.Integer({ minimum: 1 }),
    steps: Type.Integer({ minimum: 1 }),
    warmup: Type.Integer({ minimum: 0, description: 'Steps of warm-up' }),
    peakRateW: Rate,
    peakRateB: Rate,
    lossScale: Type.Number({
      exclusiveMinimum: 0,
      description: 'Factor on the mean squared error that is minimised: 1 small models, 100 large',
    }),
    initialBias: InitialBias,
  },
  strict,
);
export type Training = Static<typeof Training>;

/** Power-law frequencies, all combinations of alpha, gamma and m. */
const Sweep = {
  n: Features,
  m: Widths,
  alpha: Grid,
  gamma: Grid,
  training: Training,
};

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

const optionalExperiment = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));

export const Parameters = Type.Object(
  {
    seed: Type.Integer({ minimum: 0, description: 'Of all random numbers' }),
    replicates: Type.Object(
      {
        small: Type.Object(
          {
            gamma: Type.Array(Type.Number()),
            count: Type.Integer({ minimum: 1, description: 'Models of each such cell, the first included' }),
          },
          strict,
        ),
        large: Type.Object({ maximumM: Type.Integer({ minimum: 1 }), count: Type.Integer({ minimum: 1 }) }, strict),
      },
      {
        ...strict,
        description:
          'Cells trained again under other random numbers: rows of the small sweep by gamma; strong large models up to a width',
      },
    ),
    small: Type.Object(
      {
        ...Sweep,
        unitRows: Type.Boolean({ description: 'Train each cell once more with rows projected to unit norm' }),
      },
      strict,
    ),
    density: optionalExperiment(
      Type.Object(
        {
          ...Sweep,
          density: Type.Union(
            [
              Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1 }),
              Type.Object({ levels: Type.Integer({ minimum: 2 }) }, strict),
            ],
            {
              description:
                'Activation densities, or how many from 1 to the largest, at which the most frequent feature is always active',
            },
          ),
        },
        strict,
      ),
    ),
    wide: optionalExperiment(Type.Object(Sweep, strict)),
    large: optionalExperiment(
      Type.Object(
        {
          n: Features,
          m: Widths,
          distributions: Type.Array(Frequencies, { minItems: 1 }),
          gamma: Grid,
          training: Training,
          fitted: Type.Array(FitRange, {
            description: 'Curves that are fitted from some m on (App. D.1); the others are fitted to all their points',
          }),
        },
        strict,
      ),
    ),
    insensitivity: optionalExperiment(
      Type.Object(
        {
          ...Sweep,
          longer: Type.Integer({ minimum: 2 }),
          larger: Type.Integer({ minimum: 2, description: 'Factors on steps and on batch' }),
          large: optionalExperiment(Type.Object(Sweep, { ...strict, description: 'The same of large models' })),
        },
        strict,
      ),
    ),
    breakdown: optionalExperiment(Type.Object(Sweep, strict)),
    variants: optionalExperiment(
      Type.Object(
        {
          ...Sweep,
          scale: Type.Number({ exclusiveMinimum: 0, description: 'Of exponential frequencies' }),
          longer: Type.Integer({ minimum: 2 }),
          larger: Type.Integer({ minimum: 2, description: "Factors on steps and on batch of the authors' scripts" }),
        },
        {
          ...strict,
          description:
            "Models made by the paper's text beside the same made by its authors' scripts, difference by difference",
        },
      ),
    ),
    readings: Readings,
    geometry: Type.Object(
      {
        evaluationBatches: Type.Integer({ minimum: 2 }),
        evaluationBatch: Type.Integer({ minimum: 1 }),
        random: Type.Object({ m: Widths, vectors: Type.Integer({ minimum: 20, multipleOf: 2 }) }, strict),
      },
      { ...strict, description: 'Held-out samples, and the random unit vectors that trained rows are compared with' },
    ),
    llm: LanguageModelParameters,
    reducedScale: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9-]+$',
        description:
          'A smaller set: what its published reports/<set>/claims.json says stands beside the toy claims that this set does not decide',
      }),
    ),
    figures: Type.Array(Type.Unsafe<(typeof figureIds)[number]>(Type.String({ enum: [...figureIds] })), {
      uniqueItems: true,
    }),
    decides: Type.Array(Type.String(), {
      uniqueItems: true,
      description: 'Ids of the claims that this set must decide',
    }),
  },
  strict,
);
export type Parameters = Static<typeof Parameters>;

/** The values of a grid. */
export function gridValues(grid: Grid): number[] {
  if (Array.isArray(grid)) return [...new Set(grid)];
  const { from, to, count } = grid;
  return Array.from({ length: count }, (_, i) => (count === 1 ? from : from + ((to - from) * i) / (count - 1)));
}
