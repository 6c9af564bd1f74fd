import { readFileSync } from 'node:fs';
import { NotRun } from 'repro/runtime';
import type { BatchFailure, StageRunBatch } from 'repro';
import { decodeDistribution } from '../../../numerics/features/distribution-file.ts';
import type { FeatureDistribution } from '../../../numerics/features/distribution-file.ts';
import { NoGpu, openGpu } from '../../../numerics/webgpu/device.ts';
import type { Gpu } from '../../../numerics/webgpu/device.ts';
import { InitialStates } from '../../../numerics/toy-model/webgpu/initial-states.ts';
import { stateLength, weightsOf } from '../../../numerics/toy-model/webgpu/state.ts';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { trainOnDevice } from './device-job.ts';
import type { Training } from './device-job.ts';
import { modelOf, writeTrained } from './model.ts';
import type { TrainContext } from './model.ts';
import type { train } from './stage.ts';

/** Models of one n, batch and number of steps, trained together. */
export const runBatch: StageRunBatch<typeof train> = (contexts) => trainBatch(contexts, openOrNotRun);

/** `open`: tests put devices of their own here. Returns which models diverged. */
export async function trainBatch(
  contexts: readonly TrainContext[],
  open: () => Promise<Gpu>,
): Promise<readonly BatchFailure[]> {
  const { params, signal } = contexts[0]!;
  const distributions = new Map<string, FeatureDistribution>();
  const failures: BatchFailure[] = [];
  const initial = new InitialStates();
  const trainings = contexts.map((context, index): Training => {
    const { path } = context.inputs.distribution;
    const distribution = distributions.get(path) ?? decodeDistribution(readFileSync(path));
    distributions.set(path, distribution);
    return trainingOf(context, distribution, initial, (message) => failures.push({ index, message }));
  });
  const { n, batch, steps } = params;
  try {
    await trainOnDevice({ shape: { n, batch }, steps, trainings, signal, open });
  } finally {
    await initial.close();
  }
  return failures;
}

function trainingOf(
  context: TrainContext,
  distribution: FeatureDistribution,
  initial: InitialStates,
  fail: (message: string) => void,
): Training {
  const { node, params, scratch, progress } = context;
  const { key } = modelOf(context, distribution);
  const losses = new Float64Array(params.steps);
  return {
    model: { ...params, schedule: params, frequency: distribution.frequency, tables: distribution.tables, key },
    losses,
    restore: async () => {
      const state = new Float32Array(stateLength(params));
      const done = restoreCheckpoint(scratch, { state, losses });
      return { done, state: done > 0 ? state : await initial.draw({ ...params, key }) };
    },
    save: (done, state) => saveCheckpoint(scratch, done, { state, losses }),
    progress,
    end: (result) => {
      if (result instanceof Error) fail(`${node}: ${result.message}`);
      else {
        writeTrained(context, weightsOf(params, result), losses);
        context.finished?.();
      }
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
