import { featureFrequencies } from '../../numerics/features/frequencies.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { ToyModelTrainer } from '../../numerics/toy-model/wasm/toy-model-trainer.ts';
import { learningRateShare } from '../../numerics/toy-model/learning-rate.ts';
import { samplerTables } from '../../numerics/random/sampler-tables.ts';
import { drawSamples } from '../../numerics/random/sampler.ts';
import type { SparseSamples } from '../../numerics/random/sampler.ts';
import { streamTag } from '../../numerics/random/streams.ts';
import type { Configuration } from './configurations.ts';

/** One model being trained by its configuration's schedule. */
export interface Training {
  readonly initial: { readonly W: Float32Array; readonly b: Float32Array };
  readonly trainer: ToyModelTrainer;
  /** Step k = 1, 2, ...: the training loss, summed over features, before the step. */
  readonly step: (k: number) => number;
  /** The batch of step k. */
  readonly samples: (k: number) => SparseSamples;
  /** Bytes of WebAssembly memory, which holds all of the model's state and scratch. */
  readonly memoryBytes: number;
}

export function startTraining(configuration: Configuration, seed: number): Training {
  const { n, m, law, batch, gamma, lossScale, steps, warmup, peakRateW, peakRateB, initialBias } = configuration;
  const p = featureFrequencies(law);
  const tables = samplerTables(p);
  const key = { k0: seed, k1: 0x62656e63 };
  const initial = initialWeights(n, m, key, initialBias);
  const settings = {
    n,
    m,
    batch,
    gamma,
    lossScale,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    projection: 'none',
  } as const;
  const trainer = new ToyModelTrainer(settings, p, tables, key, initial);
  return {
    initial,
    trainer,
    step: (k) => {
      const share = learningRateShare(k, steps, warmup);
      return trainer.step(k, peakRateW * share, peakRateB * share);
    },
    samples: (k) => drawSamples(tables, key, streamTag.training, k, batch),
    memoryBytes: trainer.state.buffer.byteLength,
  };
}
