import { expm1, log1p } from '../elementary.ts';
import { featureFrequencies } from '../features/frequencies.ts';
import type { FrequencyLaw } from '../features/frequencies.ts';
import { leastWide } from './wasm/wide.ts';

/** What a batch of samples touches: the rest of the work of a step is not done. */
export interface BatchActivity {
  /** Expected number U of distinct features that are active anywhere in the batch: sum_i 1 - (1 - p_i)^batch. */
  readonly distinct: number;
  /** Expected number of samples that are not all zero: batch (1 - prod_i (1 - p_i)). */
  readonly samples: number;
  /** Expected number of active features in the samples that have two or more. */
  readonly crowded: number;
}

const known = new Map<string, BatchActivity>();

/** Throws a RangeError for a law that cannot be, as `featureFrequencies` does. Computed once per law and batch. */
export function batchActivity(
  { frequencies, n, alpha, scale, firstIndex, density }: FrequencyLaw,
  batch: number,
): BatchActivity {
  const law = { frequencies, n, alpha, scale, firstIndex, density };
  const name = JSON.stringify([law, batch]);
  let activity = known.get(name);
  if (!activity) known.set(name, (activity = activityOf(featureFrequencies(law), batch)));
  return activity;
}

function activityOf(p: Float64Array, batch: number): BatchActivity {
  let distinct = 0;
  let silent = 1;
  let density = 0;
  /** Of the features that are not always active: that all are silent, and the odds of each. */
  let others = 1;
  let odds = 0;
  let always = 0;
  for (const probability of p) {
    distinct += probability < 1 ? -expm1(batch * log1p(-probability)) : 1;
    silent *= 1 - probability;
    density += probability;
    if (probability === 1) always++;
    else {
      others *= 1 - probability;
      odds += probability / (1 - probability);
    }
  }
  const single = always === 0 ? others * odds : always === 1 ? others : 0;
  return { distinct, samples: batch * (1 - silent), crowded: batch * (density - single) };
}

/**
 * Share of the entries of M = X_U^T g that are not zero, on average over a schedule as long as the paper's: it starts
 * at a half and falls, within some 500 steps, to 9-22%, less the longer the training goes on.
 */
const gradientDensity = 0.1;
/** For one output of one sample: the pre-activation from rows of G, the error, its square. */
const perOutput = 12;
/** AdamW and the decay, for one entry of W. */
const perWeight = 15;

/**
 * Floating-point operations of one training step in the factored form: 2 U n m for G = W_U W^T, and 4 U n m times the
 * density of M for dW = M^T W_U and M W. That G is symmetric and that rows of U are summed up, which the kernels use, is
 * not counted. The dense form takes 10 batch n m.
 */
export function trainingStepWork({ distinct, samples }: BatchActivity, n: number, m: number): number {
  return (2 + 4 * gradientDensity) * distinct * n * m + perOutput * samples * n + perWeight * n * m;
}

/** What of a model decides, next to its shape, how long a step takes. */
export interface StepSettings {
  readonly n: number;
  readonly m: number;
  readonly batch: number;
  readonly gamma: number;
  readonly initialBias: { readonly standardDeviation: number };
}

/**
 * Expected time of one training step of the WebAssembly trainer, on average over a whole training, in units of 50 ps of
 * one core of the machine where it was fitted: to 29 trainings of `quick` and 18 of those in bench/train/README.md, n from
 * 256 to 10240, m from 8 to 1024, E from 1 to 6.3. Each took 0.6 to 1.5 of what this says, with a standard deviation of
 * 20%; operations alone are off by a factor of up to 4.5.
 */
export function trainingStepCost(
  { distinct, crowded }: BatchActivity,
  { n, m, batch, gamma, initialBias }: StepSettings,
): number {
  const growth = gamma < 0 ? 130 * n * m : 0;
  const drawn = 0.87 * distinct * n * m + 11.3 * distinct * n + 10.4 * crowded * n + 1850 * n + 2020 * batch + growth;
  return initialBias.standardDeviation === 0 ? quietShare * drawn : drawn;
}

/** From zero biases most outputs are silent sooner, at n = 1000 and gamma = -5/9: 0.64 of the time at alpha = 1, as much at alpha = 0. */
const quietShare = 0.8;

/** Floating-point operations of the held-out loss: G once for all samples, then each output of each sample. */
export function heldOutWork({ distinct, samples }: BatchActivity, n: number, m: number): number {
  return 2 * distinct * n * m + perOutput * samples * n;
}

/** Floating-point operations of the overlaps among the rows of W: their Gram matrix and all pairs. */
export function overlapWork(n: number, m: number): number {
  return n * n * m + n * m * m;
}

/** Bytes that a training keeps: W, its moments, its gradient, the packed rows of U <= n features, in wide models twice more, and blocks of G and M. */
export function trainingMemory({ distinct }: BatchActivity, n: number, m: number): number {
  const blockColumns = Math.min(n, Math.max(256, 131072 / Math.max(1, distinct)));
  const wideCopies = m >= leastWide ? 2 * distinct * m : 0;
  return 4 * (5 * n * m + wideCopies + 2 * n * blockColumns + blockColumns * m);
}
