import { Type } from '@sinclair/typebox';
import { available, defineStage } from 'repro';
import { ModelLoss } from '../eval-llm/artifacts.ts';
import { LossFits } from '../artifacts.ts';

export const fitLosses = defineStage({
  name: 'fit-losses',
  code: new URL('./run.ts', import.meta.url),
  summary:
    'Fits Eq. 8 to the losses of all language models on all data sets, with what the choice of models does to it.',
  params: Type.Object({
    /** Family and width of each model, which losses do not carry. */
    models: Type.Array(Type.Object({ model: Type.String(), family: Type.String(), m: Type.Integer({ minimum: 1 }) })),
    /** Data sets on which each is wanted: losses that could not be had are named in the result. */
    dataSets: Type.Array(Type.String()),
    draws: Type.Integer({ minimum: 10 }),
    seed: Type.Integer({ minimum: 0 }),
  }),
  inputs: { losses: available(ModelLoss) },
  outputs: { losses: LossFits },
});
