import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { FirstSteps } from './artifact.ts';

const atLeastOne = Type.Integer({ minimum: 1 });

export const firstSteps = defineStage({
  name: 'first-steps',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Trains one small model from normal and from zero initial biases, and follows a few units: how a unit dies.',
  params: Type.Object({
    n: atLeastOne,
    m: atLeastOne,
    alpha: Type.Number({ minimum: 0 }),
    gamma: Type.Number(),
    batch: atLeastOne,
    steps: atLeastOne,
    warmup: Type.Integer({ minimum: 0 }),
    /** Learning rate of W and b at the end of the warm-up. */
    peakRate: Type.Number({ exclusiveMinimum: 0 }),
    /** Steps from one look at the model to the next. */
    every: atLeastOne,
    /** Held-out samples on which the units are looked at. */
    probes: atLeastOne,
    seed: Type.Integer({ minimum: 0 }),
  }),
  inputs: {},
  outputs: { firstSteps: FirstSteps },
});
