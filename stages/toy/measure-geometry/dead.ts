/** Features whose output unit is dead: a ReLU that the feature itself cannot open. Not in the paper. */
import { superiority } from '../../../numerics/statistics/rank-tests.ts';
import { unlearnedLossOf } from './unlearned.ts';

export interface DeadFeatures {
  /** Share of the n features. */
  readonly fraction: number;
  /** Share of the rows with norm at most 1 that are dead, and of those above 1; null where there are none. */
  readonly ofWeak: number | null;
  readonly ofStrong: number | null;
  /** Share of the rows with norm above 1/2 that are dead; null where there are none. */
  readonly ofRepresented: number | null;
  /** Rank, from 1, of the most frequent dead feature; null where there are none. */
  readonly mostFrequent: number | null;
  /** (4/3) sum of p_i over the dead: their part of the loss if nothing else opens them. */
  readonly loss: number;
  /** Sum over the dead of their terms of Eq. 10: p_i times the expected loss when feature i alone is active. */
  readonly singleFeatureLoss: number;
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

/** What is known of each feature, in order of rank: [n] each. */
export interface FeatureValues {
  readonly norms: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly initialBias: ArrayLike<number>;
  readonly p: ArrayLike<number>;
  /** Expected loss when the feature alone is active (Eq. 10). */
  readonly alone: ArrayLike<number>;
}

export function describeDead({ norms, b, initialBias, p, alone }: FeatureValues): DeadFeatures {
  const isDead = deadFeatures(norms, b);
  const dead: number[] = [];
  const alive: number[] = [];
  const count = { weak: 0, weakDead: 0, strong: 0, strongDead: 0, represented: 0, representedDead: 0 };
  isDead.forEach((silent, i) => {
    (silent ? dead : alive).push(i);
    const group = norms[i]! > 1 ? 'strong' : 'weak';
    count[group]++;
    if (silent) count[`${group}Dead`]++;
    if (norms[i]! > 0.5) {
      count.represented++;
      if (silent) count.representedDead++;
    }
  });
  const at = (values: ArrayLike<number>, rows: number[]): number[] => rows.map((i) => values[i]!);
  return {
    fraction: dead.length / norms.length,
    ofWeak: count.weak ? count.weakDead / count.weak : null,
    ofStrong: count.strong ? count.strongDead / count.strong : null,
    ofRepresented: count.represented ? count.representedDead / count.represented : null,
    mostFrequent: dead.length ? dead[0]! + 1 : null,
    loss: unlearnedLossOf(at(p, dead)),
    singleFeatureLoss: dead.reduce((sum, i) => sum + p[i]! * alone[i]!, 0),
    lowerInitialBias: superiority(at(initialBias, alive), at(initialBias, dead)) ?? null,
    lessFrequent: superiority(at(p, alive), at(p, dead)) ?? null,
  };
}
