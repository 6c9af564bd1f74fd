/** How a unit dies: one small model trained from two sets of initial biases, a few of its units looked at on the way. */
import { drawSamples } from '../../../numerics/random/sampler.ts';
import { samplerTables } from '../../../numerics/random/sampler-tables.ts';
import type { SamplerTables } from '../../../numerics/random/sampler-tables.ts';
import { streamTag } from '../../../numerics/random/streams.ts';
import type { StreamKey } from '../../../numerics/random/streams.ts';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import type { InitialBias } from '../../../numerics/toy-model/initial-weights.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { ReferenceTrainer, dot, weightedRows } from '../../../numerics/toy-model/reference/reference-trainer.ts';

/** A small model on features of power-law frequencies, its training, and how it is looked at. */
export interface FirstSteps {
  readonly n: number;
  readonly m: number;
  readonly alpha: number;
  readonly gamma: number;
  readonly batch: number;
  readonly steps: number;
  readonly warmup: number;
  /** Learning rate of W and b at the end of the warm-up. */
  readonly peakRate: number;
  /** Steps from one look at the model to the next. */
  readonly every: number;
  /** Held-out samples on which the units are looked at. */
  readonly probes: number;
}

/** One unit of a model on the held-out samples X. */
export interface UnitState {
  readonly bias: number;
  readonly norm: number;
  /** The samples of X on which its output is above zero. */
  readonly fires: number;
  /** Size of the gradient of its own squared error with respect to W_i and b_i. */
  readonly gradient: number;
}

export interface Followed {
  /** Of every unit, before the first step and after every `every`-th: [looks][n]. */
  readonly looks: readonly (readonly UnitState[])[];
  /** Before the first step: [n, m]. */
  readonly initialWeights: Float32Array;
}

type Matrix = readonly (readonly number[])[];

/**
 * The units of the model W [n, m], b [n] on the samples X [s, n]. Of (y_i - x_i)^2, averaged over the samples, unit i's
 * own gradient is that with respect to W_i and b_i (m + 1 numbers). It is zero if the unit never fires, since a ReLU that
 * is closed passes nothing on. What W_i still gets then comes from the errors of other units, through h.
 */
export function unitStates(W: Matrix, b: readonly number[], X: Matrix): UnitState[] {
  const m = W[0]!.length;
  const fires = b.map(() => 0);
  const gradients = W.map(() => new Float64Array(m + 1));
  for (const x of X) {
    const h = weightedRows(W, x);
    for (let i = 0; i < b.length; i++) {
      const z = dot(W[i]!, h) + b[i]!;
      if (z <= 0) continue;
      fires[i]!++;
      const error = (2 / X.length) * (z - x[i]!);
      const gradient = gradients[i]!;
      for (let k = 0; k < m; k++) gradient[k]! += error * (h[k]! + x[i]! * W[i]![k]!);
      gradient[m]! += error;
    }
  }
  return W.map((row, i) => ({
    bias: b[i]!,
    norm: Math.sqrt(dot(row, row)),
    fires: fires[i]!,
    gradient: Math.sqrt(dot(gradients[i]!, gradients[i]!)),
  }));
}

/**
 * Trains with the readable reference in double precision, from biases drawn as `initialBias` says. The same key gives
 * the same first W and the same samples, whatever the biases.
 */
export function follow(settings: FirstSteps, key: StreamKey, initialBias: InitialBias): Followed {
  const { n, m, alpha, gamma, batch, steps, warmup, peakRate, every, probes } = settings;
  const tables = samplerTables(featureFrequencies({ frequencies: 'power-law', n, alpha, density: 1 }));
  const X = dense(tables, key, streamTag.evaluation, 0, probes, n);
  const first = initialWeights(n, m, key, initialBias);
  const trainer = new ReferenceTrainer(
    { n, m, gamma, lossScale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, projection: 'none' },
    Array.from({ length: n }, (_, i) => [...first.W.subarray(i * m, (i + 1) * m)]),
    [...first.b],
  );
  const looks = [unitStates(trainer.W, trainer.b, X)];
  for (let k = 1; k <= steps; k++) {
    const rate = peakRate * learningRateShare(k, steps, warmup);
    trainer.step(k, dense(tables, key, streamTag.training, k, batch, n), rate, rate);
    if (k % every === 0) looks.push(unitStates(trainer.W, trainer.b, X));
  }
  return { looks, initialWeights: first.W };
}

/** Samples as rows of n numbers. */
function dense(tables: SamplerTables, key: StreamKey, tag: number, step: number, count: number, n: number): number[][] {
  const { offsets, indices, values } = drawSamples(tables, key, tag, step, count);
  return Array.from({ length: count }, (_, s) => {
    const x = new Array<number>(n).fill(0);
    for (let e = offsets[s]!; e < offsets[s + 1]!; e++) x[indices[e]!] = values[e]!;
    return x;
  });
}
