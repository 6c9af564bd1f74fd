import { readFileSync, writeFileSync } from 'node:fs';
import { NotRun, writeJson } from 'repro/runtime';
import type { BatchFailure, ContextOf, StageRunBatch } from 'repro';
import { decodeDistribution } from '../../../numerics/features/distribution-file.ts';
import type { FeatureDistribution } from '../../../numerics/features/distribution-file.ts';
import { NoGpu, openGpu } from '../../../numerics/webgpu/device.ts';
import type { Gpu } from '../../../numerics/webgpu/device.ts';
import { initialState, stateLength, weightsOf } from '../../../numerics/toy-model/webgpu/state.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';
import { encodeSafetensors } from '../../../numerics/checkpoints/safetensors.ts';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { trainOnDevice } from './device-job.ts';
import type { Training } from './device-job.ts';
import { summarizeLosses } from './losses.ts';
import type { train } from './stage.ts';

type Context = ContextOf<typeof train>;

/** Models of one n, m, batch and number of steps, trained together. */
export const runBatch: StageRunBatch<typeof train> = (contexts) => trainBatch(contexts, openOrNotRun);

/** `open`: tests put devices of their own here. Returns which models diverged. */
export async function trainBatch(
  contexts: readonly Context[],
  open: () => Promise<Gpu>,
): Promise<readonly BatchFailure[]> {
  const { params, signal } = contexts[0]!;
  const distributions = new Map<string, FeatureDistribution>();
  const failures: BatchFailure[] = [];
  const trainings = contexts.map((context, index): Training => {
    const { path } = context.inputs.distribution;
    const distribution = distributions.get(path) ?? decodeDistribution(readFileSync(path));
    distributions.set(path, distribution);
    return trainingOf(context, distribution, (message) => failures.push({ index, message }));
  });
  await trainOnDevice({ shape: params, steps: params.steps, trainings, signal, open });
  return failures;
}

function trainingOf(
  { node, params, outputs, scratch, progress }: Context,
  distribution: FeatureDistribution,
  fail: (message: string) => void,
): Training {
  const { n, m, steps, warmup, peakRateW, peakRateB, initialBias } = params;
  if (distribution.frequency.length !== n)
    throw new Error(`${node}: n = ${n}, but the distribution has ${distribution.frequency.length} features`);
  const key = modelStream(distribution.params, params);
  const losses = new Float64Array(steps);
  return {
    model: { ...params, frequency: distribution.frequency, tables: distribution.tables, key },
    losses,
    rates: (step) => {
      const share = learningRateShare(step, steps, warmup);
      return { W: peakRateW * share, b: peakRateB * share };
    },
    restore: () => {
      const state = new Float32Array(stateLength(params));
      const done = restoreCheckpoint(scratch, { state, losses });
      return { done, state: done > 0 ? state : initialState(params, initialWeights(n, m, key, initialBias)) };
    },
    save: (done, state) => saveCheckpoint(scratch, done, { state, losses }),
    progress,
    end: (result) => {
      if (result instanceof Error) {
        fail(`${node}: ${result.message}`);
        return;
      }
      const { W, b } = weightsOf(params, result);
      writeFileSync(
        outputs.weights.path,
        encodeSafetensors({ W: { dtype: 'F32', shape: [n, m], data: W }, b: { dtype: 'F32', shape: [n], data: b } }),
      );
      writeJson(outputs.losses, summarizeLosses(losses));
    },
  };
}

async function openOrNotRun(): Promise<Gpu> {
  try {
    return await openGpu();
  } catch (error) {
    throw error instanceof NoGpu ? new NotRun(error.message) : error;
  }
}
