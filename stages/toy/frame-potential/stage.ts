import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { TightFrame } from '../artifacts.ts';

export const framePotential = defineStage({
  name: 'frame-potential',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Unit vectors whose summed squared overlaps, their frame potential, are least: the rows of Fig. 2c.',
  params: Type.Object({
    /** Model dimension. */
    m: Type.Integer({ minimum: 1 }),
    vectors: Type.Integer({ minimum: 2 }),
    /** Of the random directions to start from. */
    seed: Type.Integer({ minimum: 0 }),
  }),
  inputs: {},
  outputs: { frame: TightFrame },
});
