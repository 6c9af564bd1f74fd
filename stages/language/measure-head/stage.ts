import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { LanguageModelHead } from '../../toy/artifacts.ts';
import { HeadMeasurement } from '../artifacts.ts';
import { webGpuPairs } from '../../backends/webgpu-pairs.ts';

/** Of rows that are held and pass by, however large the head. */
const memoryBytes = 1_500_000_000;

/** Pairs of rows whose |cos| is taken: all, or all those within each of so many random groups of rows. */
export const Pairs = Type.Union(
  [
    Type.Literal('all'),
    Type.Object(
      { groups: Type.Integer({ minimum: 2 }), rows: Type.Integer({ minimum: 2 }) },
      { additionalProperties: false },
    ),
  ],
  {
    description:
      'Pairs of rows of a head whose |cos| is taken: "all", or a sample, all those within each of so many random groups of so many rows; its error is told. The mean square overlap is exact either way',
  },
);

export const measureHead = defineStage({
  name: 'measure-head',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Measures the head of one language model: row norms, overlaps of its rows, Eq. 14.',
  labels: ['model'],
  params: Type.Object({
    model: Type.String({ minLength: 1 }),
    family: Type.String({ minLength: 1 }),
    /** Its published shape. */
    n: Type.Integer({ minimum: 2 }),
    m: Type.Integer({ minimum: 1 }),
    pairs: Pairs,
    seed: Type.Integer({ minimum: 0 }),
  }),
  inputs: { head: LanguageModelHead },
  outputs: { measurement: HeadMeasurement },
  backends: {
    webgpu: { ...webGpuPairs, resources: { cpu: 1, accelerator: 1, memoryBytes } },
    wasm: { numericClass: 'wasm-f32-v1', resources: { cpu: 1, memoryBytes } },
  },
  cost: ({ n, m, pairs }) => 3 * n * m * m + (pairs === 'all' ? n * n * m : pairs.groups * pairs.rows * pairs.rows * m),
});
