/**
 * What three trainers that share no code make of zero and of random biases: measured by `bench/train/zero-bias.mjs
 * --json`.
 */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { json } from 'repro';

const Final = Type.Object({
  /** Of the final losses over the seeds. */
  mean: Type.Number({ exclusiveMinimum: 0 }),
  standardError: Type.Number({ exclusiveMinimum: 0 }),
});

const TrainedCell = Type.Object({
  gamma: Type.Number(),
  m: Type.Integer({ minimum: 1 }),
  initialBias: Type.Union([Type.Literal('zero'), Type.Literal('normal')]),
  /** The trainer of this project. */
  ours: Final,
  /** The dense reference in double precision. */
  doublePrecision: Final,
  pytorch: Final,
});
export type TrainedCell = Static<typeof TrainedCell>;

/** Kept in stages/report/trainers.json. */
export const TrainersTable = json(
  'trainers',
  Type.Object({
    /** Where the numbers are from. */
    source: Type.String(),
    /** Version. */
    pytorch: Type.String(),
    n: Type.Integer({ minimum: 1 }),
    alpha: Type.Number(),
    batch: Type.Integer({ minimum: 1 }),
    steps: Type.Integer({ minimum: 1 }),
    seeds: Type.Integer({ minimum: 2 }),
    /** Means of two trainers agree if they differ by at most this many standard errors of the difference. */
    agreeErrors: Type.Number({ exclusiveMinimum: 0 }),
    cells: Type.Array(TrainedCell, { minItems: 1 }),
  }),
);
