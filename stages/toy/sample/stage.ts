import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { Distribution, EvaluationSamples } from '../artifacts.ts';
import { toyModelLabels } from '../labels.ts';

export const SampleParams = Type.Object({
  frequencies: Type.Union([Type.Literal('power-law'), Type.Literal('exponential'), Type.Literal('linear')]),
  /** Number of features. */
  n: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** Power law only: p_i ~ 1 / i^alpha. */
  alpha: Type.Optional(Type.Number({ minimum: 0 })),
  /** Exponential only: p_i ~ exp(-i / scale). */
  scale: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  /** Exponential and linear only: i counts from 1 in the paper's text, from 0 in its authors' scripts. */
  firstIndex: Type.Optional(Type.Union([Type.Literal(0), Type.Literal(1)])),
  /** Activation density E: the expected number of active features. */
  density: Type.Number({ exclusiveMinimum: 0 }),
  /** Held-out samples: so many batches of so many. */
  evaluationBatches: Type.Integer({ minimum: 2 }),
  evaluationBatch: Type.Integer({ minimum: 1 }),
  /** Of the held-out samples alone. */
  seed: Type.Integer({ minimum: 0 }),
});

export const sample = defineStage({
  name: 'sample',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Feature frequencies, the tables that samplers compare with, and the held-out samples of a distribution',
  labels: toyModelLabels,
  params: SampleParams,
  inputs: {},
  outputs: { distribution: Distribution, evaluation: EvaluationSamples },
  cost: ({ n, density, evaluationBatches, evaluationBatch }) => n + evaluationBatches * evaluationBatch * (1 + density),
});
