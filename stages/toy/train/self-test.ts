import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from 'repro';
import type { ContextOf, StageRun, StageRunBatch, ValueOf } from 'repro';
import { encodeDistribution } from '../../../numerics/features/distribution-file.ts';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { samplerTables } from '../../../numerics/random/sampler-tables.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';
import { streamTag } from '../../../numerics/random/streams.ts';
import { ReferenceTrainer } from '../../../numerics/toy-model/reference/reference-trainer.ts';
import { decodeSafetensors, tensorOf } from '../../../numerics/checkpoints/safetensors.ts';
import type { TrainingLosses } from '../artifacts.ts';
import type { train } from './stage.ts';

/** The code of a backend: `run.<backend>.ts`. */
export interface TrainCode {
  readonly run?: StageRun<typeof train>;
  readonly runBatch?: StageRunBatch<typeof train>;
}

export interface Trained {
  /** [n, m] */
  readonly W: Float32Array;
  readonly b: Float32Array;
  readonly losses: ValueOf<typeof TrainingLosses>;
}

const law = { frequencies: 'power-law', n: 40, alpha: 1, density: 1 } as const;
const model: ContextOf<typeof train>['params'] = {
  n: law.n,
  m: 6,
  gamma: -0.5,
  batch: 64,
  steps: 40,
  warmup: 5,
  peakRateW: 0.01,
  peakRateB: 0.01,
  lossScale: 1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  projection: 'none',
  initialBias: { mean: -0.1, standardDeviation: 0.3 },
  seed: 1,
  replicate: 0,
};
/** Single precision against double. */
const largestDeviation = 1e-4;

/** Trains a tiny model on a backend and in plain double precision: how far apart they end. Throws if that is too far. */
export async function selfTest(code: TrainCode): Promise<string> {
  const [trained] = await trainModels(code, canonicalJson(law), [model]);
  const { W, losses } = trained!;
  const { n, m, batch, steps, warmup, peakRateW, peakRateB } = model;
  const tables = samplerTables(featureFrequencies(law));
  const key = modelStream(canonicalJson(law), model);
  const initial = initialWeights(n, m, key, model.initialBias);
  const reference = new ReferenceTrainer(
    model,
    Array.from({ length: n }, (_, i) => [...initial.W.subarray(i * m, (i + 1) * m)]),
    [...initial.b],
  );
  let lossDeviation = 0;
  for (let k = 1; k <= steps; k++) {
    const { offsets, indices, values } = drawSamples(tables, key, streamTag.training, k, batch);
    const X = Array.from({ length: batch }, (_, s) => {
      const x = new Array<number>(n).fill(0);
      for (let e = offsets[s]!; e < offsets[s + 1]!; e++) x[indices[e]!] = values[e]!;
      return x;
    });
    const share = learningRateShare(k, steps, warmup);
    const loss = reference.step(k, X, peakRateW * share, peakRateB * share);
    lossDeviation = Math.max(lossDeviation, Math.abs(losses.loss[k - 1]! / loss - 1));
  }
  const weightDeviation = relativeDistance(W, Float64Array.from(reference.W.flat()));
  const words = `${steps} steps of a model of n = ${n}: losses within ${lossDeviation.toExponential(1)} of the reference in double precision, weights within ${weightDeviation.toExponential(1)}`;
  if (!(Math.max(lossDeviation, weightDeviation) <= largestDeviation))
    throw new Error(`${words}: expected ${largestDeviation} at most`);
  return words;
}

/** |a - b| / |b|, by the Frobenius norm. */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [distance, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    distance += (a[i]! - b[i]!) * (a[i]! - b[i]!);
    size += b[i]! * b[i]!;
  }
  return Math.sqrt(distance / size);
}

/** Runs the stage's own code, in this process, on models of one distribution (its parameters as canonical JSON). */
export async function trainModels(
  { run, runBatch }: TrainCode,
  distribution: string,
  models: readonly ContextOf<typeof train>['params'][],
): Promise<Trained[]> {
  const root = mkdtempSync(join(tmpdir(), 'train-'));
  try {
    const path = join(root, 'distribution');
    const frequency = featureFrequencies(JSON.parse(distribution) as typeof law);
    writeFileSync(path, encodeDistribution({ params: distribution, frequency, tables: samplerTables(frequency) }));
    const contexts = models.map((params, i): ContextOf<typeof train> => {
      const directory = join(root, String(i));
      mkdirSync(join(directory, 'scratch'), { recursive: true });
      return {
        node: `train[${i}]`,
        params,
        inputs: { distribution: { type: 'feature-distribution', path, node: 'sample' } },
        outputs: {
          weights: { type: 'weights', path: join(directory, 'weights') },
          losses: { type: 'training-losses', path: join(directory, 'losses') },
        },
        scratch: join(directory, 'scratch'),
        signal: new AbortController().signal,
        progress: () => undefined,
      };
    });
    // A batch is of one shape; these need not be.
    for (const context of contexts) await (runBatch ? runBatch([context]) : run!(context));
    return contexts.map(({ params: { n, m }, outputs }): Trained => {
      const tensors = decodeSafetensors(readFileSync(outputs.weights.path));
      return {
        W: tensorOf(tensors, 'W', 'F32', [n, m]).data,
        b: tensorOf(tensors, 'b', 'F32', [n]).data,
        losses: JSON.parse(readFileSync(outputs.losses.path, 'utf8')) as Trained['losses'],
      };
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
