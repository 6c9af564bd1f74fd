/** Features whose bias, as drawn before training, is below -2: seldom do they learn to fire. */
import { normalSurvival } from '../../numerics/statistics/distributions.ts';
import type { ModelSummary } from './artifacts.ts';

/** The largest activation of a feature: u v with v uniform in (0, 2) (Sec. 2). A row of norm 1 passes it on as it is. */
const largestActivation = 2;

/** The mean square of v: what a feature that never fires leaves of the loss, for each unit of its frequency (Eq. 4). */
const lossIfSilent = 4 / 3;

export const beyondReachMeaning =
  'A feature is beyond reach if its bias was below −2 before training: with that bias and a row of norm 1, its own activation, at most 2, cannot make it fire.';

/** Probability that a bias drawn from N(0, 1) is so low. */
export const beyondReachProbability = normalSurvival(largestActivation);

/** What is measured by feature, in the same order. */
interface ByFeature {
  readonly frequency: readonly number[];
  readonly initialBias: readonly number[];
  readonly outputLoss: readonly number[];
}

type BeyondReach = NonNullable<ModelSummary['beyondReach']>;

export function beyondReach({ frequency, initialBias, outputLoss }: ByFeature): BeyondReach {
  const found = initialBias.flatMap((bias, i) => (bias < -largestActivation ? [i] : []));
  const sum = (values: readonly number[]): number => found.reduce((total, i) => total + values[i]!, 0);
  return { fraction: found.length / initialBias.length, frequency: sum(frequency), loss: sum(outputLoss) };
}

/** The loss of a model's own features beyond reach, if none of them ever fired. */
export const ifSilent = ({ frequency }: BeyondReach): number => lossIfSilent * frequency;

/** The same in expectation over N(0, 1) biases, where all activations have mean sum `density`. */
export const expectedIfSilent = (density: number): number => beyondReachProbability * lossIfSilent * density;

/** The biases that the paper draws before training. */
export const isOfPaper = ({ mean, standardDeviation }: ModelSummary['initialBias']): boolean =>
  mean === 0 && standardDeviation === 1;

/** Those of the toy model that the paper builds on (Elhage et al. 2022). */
export const isZero = ({ mean, standardDeviation }: ModelSummary['initialBias']): boolean =>
  mean === 0 && standardDeviation === 0;
