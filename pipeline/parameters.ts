/** What a parameter set holds: one source for the TypeScript type and for the JSON Schema that editors use. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { figureIds } from '../stages/figures/index.ts';
import { Readings } from '../stages/toy/readings.ts';
import { BreakdownParameters } from './breakdown.ts';
import { DensityParameters } from './density.ts';
import { InitialBiasParameters } from './initial-bias.ts';
import { InsensitivityParameters } from './insensitivity.ts';
import { LanguageModelParameters } from './language-model-parameters.ts';
import { LargeParameters } from './large.ts';
import { Seeds, Widths, largest, optionalExperiment, strict } from './parameter-types.ts';
import { SmallParameters } from './small.ts';
import { VariantsParameters } from './variants.ts';
import { WideParameters } from './wide.ts';

export const Parameters = Type.Object(
  {
    seed: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Of all random numbers' }),
    replicates: Type.Object(
      {
        small: Type.Object(
          {
            gamma: Type.Array(Type.Number()),
            alpha: Type.Optional(
              Type.Array(Type.Number(), { description: 'Only at these data exponents (default: all)' }),
            ),
            m: Type.Optional(Widths),
            count: Seeds,
          },
          strict,
        ),
        large: Type.Object({ maximumM: Type.Integer({ minimum: 1, maximum: largest.m }), count: Seeds }, strict),
      },
      {
        ...strict,
        description:
          'Cells trained again under other random numbers: rows of the small sweep by gamma, or some of their alphas and m; strong large models up to a width',
      },
    ),
    small: SmallParameters,
    density: optionalExperiment(DensityParameters),
    wide: optionalExperiment(WideParameters),
    large: optionalExperiment(LargeParameters),
    insensitivity: optionalExperiment(InsensitivityParameters),
    breakdown: optionalExperiment(BreakdownParameters),
    initialBias: optionalExperiment(InitialBiasParameters),
    variants: optionalExperiment(VariantsParameters),
    readings: Readings,
    geometry: Type.Object(
      {
        evaluationBatches: Type.Integer({ minimum: 2, maximum: 10_000 }),
        evaluationBatch: Type.Integer({ minimum: 1, maximum: largest.batch }),
        random: Type.Object(
          { m: Widths, vectors: Type.Integer({ minimum: 20, maximum: 100_000, multipleOf: 2 }) },
          strict,
        ),
      },
      { ...strict, description: 'Held-out samples, and the random unit vectors that trained rows are compared with' },
    ),
    llm: LanguageModelParameters,
    figures: Type.Array(Type.String({ enum: [...figureIds] }), {
      uniqueItems: true,
    }),
    figuresLeftOut: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Figures that this set could draw and does not, each with the reason; "*" stands for all others',
      }),
    ),
    decides: Type.Array(Type.String(), {
      uniqueItems: true,
      description: 'Ids of the claims that this set must decide',
    }),
  },
  strict,
);
export type Parameters = Static<typeof Parameters>;
