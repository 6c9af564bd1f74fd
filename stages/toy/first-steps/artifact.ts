import { Type } from '@sinclair/typebox';
import { json } from 'repro';
import { count } from '../model-summary.ts';

/** What is seen of one unit in one training, at each look. */
const UnitCourse = Type.Object({
  bias: Type.Array(Type.Number()),
  norm: Type.Array(Type.Number()),
  /** Held-out samples on which its output is above zero. */
  fires: Type.Array(count),
  /** Size of the gradient of its own squared error with respect to W_i and b_i. */
  gradient: Type.Array(Type.Number()),
});

/** One small model trained from normal and from zero initial biases: the same first W and the same samples. */
export const FirstSteps = json(
  'first-steps',
  Type.Object({
    n: count,
    m: count,
    alpha: Type.Number(),
    gamma: Type.Number(),
    batch: count,
    steps: count,
    /** Held-out samples at each look. */
    probes: count,
    /** Steps taken before each look. */
    step: Type.Array(count),
    /** Units that fire on none of the held-out samples, at each look. */
    silent: Type.Object({ normal: Type.Array(count), zero: Type.Array(count) }),
    units: Type.Array(
      Type.Object({
        /** Rank of its feature, from 1 for the most frequent. */
        feature: count,
        /** Whether it fires after the last step, from normal biases. */
        lives: Type.Boolean(),
        normal: UnitCourse,
        zero: UnitCourse,
      }),
    ),
  }),
);
