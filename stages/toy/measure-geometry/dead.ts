/** Features whose output unit is dead: a ReLU that the feature itself cannot open. Not in the paper. */
import { superiority } from '../../../numerics/statistics/rank-tests.ts';
import { unlearnedLossOf } from './unlearned.ts';

export interface DeadFeatures {
  /** Share of the n features. */
  readonly fraction: number;
  /** Share of the rows with norm at most 1 that are dead, and of those above 1; null where there are none. */
  readonly ofWeak: number | null;
  readonly ofStrong: number | null;
  /** (4/3) sum of p_i over the dead: their part of the loss if nothing else opens them. */
  readonly loss: number;
  /** Probability that a dead feature began with a lower bias, or is less frequent, than one that is not; 1/2 is chance. Null where there are no dead or only dead. */
  readonly lowerInitialBias: number | null;
  readonly lessFrequent: number | null;
}

/** The largest activation: v is uniform in (0, 2). */
const largestActivation = 2;

/** Which features i cannot make y_i positive when they alone are active: b_i + 2 ||W_i||^2 <= 0. norms, b: [n]. */
export function deadFeatures(norms: ArrayLike<number>, b: ArrayLike<number>): boolean[] {
  return Array.from(norms, (norm, i) => b[i]! + largestActivation * norm * norm <= 0);
}

/** norms, b, initialBias, p: [n]. */
export function describeDead(
  norms: ArrayLike<number>,
  b: ArrayLike<number>,
  initialBias: ArrayLike<number>,
  p: ArrayLike<number>,
): DeadFeatures {
  const isDead = deadFeatures(norms, b);
  const dead: number[] = [];
  const alive: number[] = [];
  const count = { weak: 0, weakDead: 0, strong: 0, strongDead: 0 };
  isDead.forEach((silent, i) => {
    (silent ? dead : alive).push(i);
    const group = norms[i]! > 1 ? 'strong' : 'weak';
    count[group]++;
    if (silent) count[`${group}Dead`]++;
  });
  const at = (values: ArrayLike<number>, rows: number[]): number[] => rows.map((i) => values[i]!);
  return {
    fraction: dead.length / norms.length,
    ofWeak: count.weak ? count.weakDead / count.weak : null,
    ofStrong: count.strong ? count.strongDead / count.strong : null,
    loss: unlearnedLossOf(at(p, dead)),
    lowerInitialBias: superiority(at(initialBias, alive), at(initialBias, dead)) ?? null,
    lessFrequent: superiority(at(p, alive), at(p, dead)) ?? null,
  };
}
