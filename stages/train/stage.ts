import { Type } from '@sinclair/typebox';
import { defineStage } from '../../engine/index.ts';
import { Distribution, TrainingLosses, Weights } from '../artifacts.ts';

export const TrainParams = Type.Object({
  /** Number of features: that of the distribution. */
  n: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** Hidden width. */
  m: Type.Integer({ minimum: 1, maximum: 16384 }),
  /** Weight decay, or, below 0, growth towards unit rows (Eq. 2). */
  gamma: Type.Number(),
  batch: Type.Integer({ minimum: 1, maximum: 65536 }),
  steps: Type.Integer({ minimum: 1 }),
  /** Steps of warm-up; 0 for none. */
  warmup: Type.Integer({ minimum: 0 }),
  /** Largest learning rates. */
  peakRateW: Type.Number({ exclusiveMinimum: 0 }),
  peakRateB: Type.Number({ exclusiveMinimum: 0 }),
  /** Factor on the mean squared error (over batch and features) that is minimised: 1 small models, 100 large. */
  lossScale: Type.Number({ exclusiveMinimum: 0 }),
  beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
  beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
  epsilon: Type.Number({ exclusiveMinimum: 0 }),
  /** Whether rows of W are projected to unit norm after each step. */
  projection: Type.Union([Type.Literal('none'), Type.Literal('unit-rows')]),
  seed: Type.Integer({ minimum: 0 }),
  /** 0 for the model itself, 1, 2, ... for its repetitions under other random numbers. */
  replicate: Type.Integer({ minimum: 0 }),
});

export const train = defineStage({
  name: 'train',
  summary: 'One toy model, trained with AdamW and decoupled weight decay (Eq. 2)',
  params: TrainParams,
  inputs: { distribution: Distribution },
  outputs: { weights: Weights, losses: TrainingLosses },
  backends: { wasm: { numericClass: 'wasm-f32-v1', resources: { cpu: 1 } } },
  /** About a nanosecond, for power laws near alpha = 1. */
  cost: ({ n, m, batch, steps }) => steps * (Math.min(n, batch) * n * (0.025 * m + 0.2) + batch * (0.2 * n + 30)),
});
