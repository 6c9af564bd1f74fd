import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { RandomGeometry } from '../artifacts.ts';

export const randomGeometry = defineStage({
  name: 'random-geometry',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Overlaps of random unit vectors beside their theory: the reference for what training adds.',
  params: Type.Object({
    /** Model dimensions. */
    m: Type.Array(Type.Integer({ minimum: 2 }), { minItems: 1 }),
    /** Vectors at each m; an even number, so that all of them pair up for the goodness-of-fit test. */
    vectors: Type.Integer({ minimum: 20, multipleOf: 2 }),
    seed: Type.Integer({ minimum: 0 }),
  }),
  inputs: {},
  outputs: { random: RandomGeometry },
  work: ({ m, vectors }) => m.reduce((sum, width) => sum + width * vectors * vectors, 0),
});
