/** Features that the bias drawn before training keeps from firing, at whatever width. */
import { normalSurvival } from '../../numerics/statistics/distributions.ts';
import type { ModelSummary } from './artifacts.ts';

/** The largest activation of a feature: u v with v uniform in (0, 2) (Sec. 2). A row of norm 1 passes it on as it is. */
const largestActivation = 2;

export const beyondReachMeaning =
  'A feature is beyond reach if its bias was below −2 before training: with a row of norm 1, no activation of its own, at most 2, makes it fire.';

/** What is measured by feature, in the same order. */
interface ByFeature {
  readonly frequency: readonly number[];
  readonly initialBias: readonly number[];
  readonly outputLoss: readonly number[];
}

export function beyondReach({
  frequency,
  initialBias,
  outputLoss,
}: ByFeature): NonNullable<ModelSummary['beyondReach']> {
  const sums = { fraction: 0, frequency: 0, loss: 0 };
  initialBias.forEach((bias, i) => {
    if (bias >= -largestActivation) return;
    sums.fraction += 1 / initialBias.length;
    sums.frequency += frequency[i]!;
    sums.loss += outputLoss[i]!;
  });
  return sums;
}

/**
 * The loss that such features make if none of them ever fires, in expectation over N(0, 1) biases: the share of the normal
 * law below -2, times (4/3) Σ p_i, the mean square of all activations (Eq. 4).
 */
export const expectedBeyondReach = (density: number): number => normalSurvival(largestActivation) * (4 / 3) * density;
