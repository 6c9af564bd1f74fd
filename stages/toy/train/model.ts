/** What is the same under every backend: the model that a node trains, and the files that it leaves. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ContextOf } from 'repro/runtime';
import { encodeSafetensors } from '../../../numerics/checkpoints/tensor-file.ts';
import { decodeDistribution } from '../../../numerics/features/distribution-file.ts';
import type { FeatureDistribution } from '../../../numerics/features/distribution-file.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';
import { sortedJson } from '../../../numerics/random/sorted-json.ts';
import type { StreamKey } from '../../../numerics/random/streams.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { summarizeLosses } from './losses.ts';
import type { train } from './stage.ts';

export type TrainContext = ContextOf<typeof train>;

/** W: [n, m], row by row; b: [n]. */
export interface Weights {
  readonly W: Float32Array;
  readonly b: Float32Array;
}

/** A model before its first step. */
export interface ToyModel {
  readonly distribution: FeatureDistribution;
  /** Of all its random numbers. */
  readonly key: StreamKey;
  /** Drawn anew at each call. */
  readonly initial: () => Weights;
  /** The learning rates of step k = 1, 2, ... */
  readonly rates: (k: number) => { readonly W: number; readonly b: number };
}

/**
 * The model of a node. `distribution`: what its input holds, where that has been read already. Throws an Error if the
 * input is of another number of features.
 */
export function modelOf(
  { node, params, inputs }: TrainContext,
  distribution: FeatureDistribution = decodeDistribution(readFileSync(inputs.distribution.path)),
): ToyModel {
  const { n, m, steps, warmup, peakRateW, peakRateB, initialBias } = params;
  const features = distribution.frequency.length;
  if (features !== n) throw new Error(`${node}: n = ${n}, but the distribution has ${features} features`);
  const key = modelStream(distribution.params, params);
  return {
    distribution,
    key,
    initial: () => initialWeights(n, m, key, initialBias),
    rates: (k) => {
      const share = learningRateShare(k, steps, warmup);
      return { W: peakRateW * share, b: peakRateB * share };
    },
  };
}

/** What is said of a training whose loss at step k is not finite. */
export function divergence(k: number, loss: number): string {
  return `the training diverged: the loss at step ${k} is ${loss}`;
}

/** Writes the outputs of a node. `losses`: of every step. Throws an Error if a weight is not finite. */
export function writeTrained({ node, params, outputs }: TrainContext, { W, b }: Weights, losses: Float64Array): void {
  if (!W.every(Number.isFinite) || !b.every(Number.isFinite))
    throw new Error(`${node}: the training diverged: its last weights are not finite`);
  const { n, m } = params;
  const tensors = encodeSafetensors({
    W: { dtype: 'F32', shape: [n, m], data: W },
    b: { dtype: 'F32', shape: [n], data: b },
  });
  writeFileSync(outputs.weights.path, tensors);
  writeFileSync(outputs.losses.path, `${sortedJson(summarizeLosses(losses))}\n`);
}
