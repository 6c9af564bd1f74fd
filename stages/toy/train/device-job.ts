import { performance } from 'node:perf_hooks';
import { OutOfDeviceMemory } from '../../../numerics/webgpu/buffers.ts';
import type { Gpu } from '../../../numerics/webgpu/device.ts';
import type { GroupModel, GroupShape } from '../../../numerics/toy-model/webgpu/layout.ts';
import { mergedWidths } from '../../../numerics/toy-model/webgpu/merged-widths.ts';
import { windowSteps } from '../../../numerics/toy-model/webgpu/layout.ts';
import { TrainingGroup } from '../../../numerics/toy-model/webgpu/training-group.ts';
import { divergence } from './model.ts';

/** A model to be trained, and where what it came to is kept. */
export interface Training {
  readonly model: GroupModel & { readonly m: number };
  /** By step; those to come are 0. */
  readonly losses: Float64Array;
  /** The steps done and the state after them, of a checkpoint, or before the first step. Fills `losses` up to there. */
  readonly restore: () => Promise<Restored>;
  readonly save: (done: number, state: Float32Array) => void;
  readonly progress: (fraction: number) => void;
  /** Called once: with the last state, or with why there is none. */
  readonly end: (result: Float32Array | Error) => void;
}

export interface Restored {
  readonly done: number;
  readonly state: Float32Array<ArrayBuffer>;
}

export interface Job {
  readonly shape: Omit<GroupShape, 'm'>;
  readonly steps: number;
  readonly trainings: readonly Training[];
  readonly signal: AbortSignal;
  readonly open: () => Promise<Gpu>;
}

/** Steps handed over at a time take about so long: neither waiting for each other nor deaf to an interrupt. */
const submissionMilliseconds = 250;
const checkpointMilliseconds = 5000;
/** A device that is lost so often, with no checkpoint in between, is given up. */
const lossesInARow = 3;

/**
 * Trains all models, as many at a time as the device has room for. Models of different widths step together where that
 * takes less time. A group that does not fit is halved; after a lost device another is opened and the group goes on from
 * its checkpoints. None of this changes a byte of any result. Throws an OutOfDeviceMemory if a single model does not fit,
 * and what `signal` aborts with, after saving.
 */
export async function trainOnDevice(job: Job): Promise<void> {
  let gpu = await job.open();
  let lost = 0;
  const ended = new Set<Training>();
  const groups = mergedWidths(job.trainings, job.shape);
  const restored = new RestoredStates();
  for (let group = groups.shift(); group; group = groups.shift()) {
    let reached = 0;
    try {
      const states = restored.of(group);
      // those of the next group come while this one trains
      restored.of(groups[0] ?? []).catch(() => undefined);
      const parts = byStepsDone(group, await states);
      if (parts.length > 1) {
        groups.unshift(...parts);
        continue;
      }
      await trainGroup(gpu, job, group, await states, ended, (done) => (reached = done));
      restored.forget(group);
      lost = 0;
    } catch (error) {
      const open = group.filter((training) => !ended.has(training));
      if (gpu.isLost()) {
        lost = reached > 0 ? 1 : lost + 1;
        if (lost > lossesInARow) throw new Error(`${gpu.name}: the device was lost ${lost} times in a row`);
        gpu = await job.open();
        restored.forget(group);
        groups.unshift(open);
      } else if (error instanceof OutOfDeviceMemory && open.length > 1) {
        const half = Math.ceil(open.length / 2);
        groups.unshift(open.slice(0, half), open.slice(half));
      } else {
        gpu.device.destroy();
        throw error;
      }
    }
  }
  gpu.device.destroy();
}

/** States that groups begin with, each made once, until it is forgotten. */
class RestoredStates {
  readonly #made = new Map<Training, Promise<Restored>>();

  async of(group: readonly Training[]): Promise<Restored[]> {
    const wanted = group.map((training) => {
      const found = this.#made.get(training) ?? training.restore();
      // it may be awaited later, and must not be taken for unheard if it fails before
      found.catch(() => undefined);
      this.#made.set(training, found);
      return found;
    });
    return Promise.all(wanted);
  }

  forget(group: readonly Training[]): void {
    for (const training of group) this.#made.delete(training);
  }
}

/** Models of a group take the same step. */
function byStepsDone(group: readonly Training[], states: readonly Restored[]): Training[][] {
  const parts = new Map<number, Training[]>();
  group.forEach((training, i) => {
    const { done } = states[i]!;
    parts.set(done, [...(parts.get(done) ?? []), training]);
  });
  return [...parts.values()];
}

/** `saved` is told of each checkpoint. */
async function trainGroup(
  gpu: Gpu,
  { shape, steps, signal }: Job,
  trainings: readonly Training[],
  states: readonly Restored[],
  ended: Set<Training>,
  saved: (done: number) => void,
): Promise<void> {
  const models = trainings.map(({ model }) => model);
  const group = await TrainingGroup.create(gpu, { ...shape, m: Math.max(...models.map(({ m }) => m)) }, models);
  try {
    let done = 0;
    states.forEach((restored, i) => {
      done = restored.done;
      group.setState(i, restored.state);
    });
    const save = async (): Promise<void> => {
      for (const [i, training] of trainings.entries())
        if (!ended.has(training)) training.save(done, await group.readState(i));
      saved(done);
    };
    let count = 4;
    let lastSaved = performance.now();
    let savingTook = 0;
    let submitted = done;
    let underWay: Submission | undefined;
    while (done < steps && trainings.some((training) => !ended.has(training))) {
      // the next steps are handed over before the losses of the last are there, so that the device never waits
      const stopping =
        signal.aborted || performance.now() - lastSaved > Math.max(checkpointMilliseconds, 20 * savingTook);
      const next =
        stopping || submitted === steps ? undefined : submit(group, submitted + 1, Math.min(count, steps - submitted));
      if (next) submitted += next.count;
      if (underWay) {
        const took = await collect(gpu, underWay, trainings, ended, done);
        done += underWay.count;
        for (const { progress } of trainings) progress(done / steps);
        count = Math.max(
          1,
          Math.min(windowSteps, Math.round(underWay.count * Math.min(4, submissionMilliseconds / took))),
        );
      }
      underWay = next;
      if (stopping && !underWay && done === submitted) {
        const before = performance.now();
        await save();
        lastSaved = performance.now();
        savingTook = lastSaved - before;
        signal.throwIfAborted();
      }
    }
    for (const [i, training] of trainings.entries()) {
      if (ended.has(training)) continue;
      const state = await group.readState(i);
      checkErrors(gpu);
      // what is finished stays so if the rest of the job is cut off
      training.save(steps, state);
      ended.add(training);
      training.end(
        state.every(Number.isFinite) ? state : new Error('the training diverged: its last weights are not finite'),
      );
    }
  } finally {
    group.destroy();
  }
}

interface Submission {
  readonly count: number;
  readonly began: number;
  readonly losses: Promise<Float32Array>;
}

function submit(group: TrainingGroup, first: number, count: number): Submission {
  const losses = group.submit(first, count);
  // it is awaited later, and must not be taken for unheard if it fails before
  losses.catch(() => undefined);
  return { count, began: performance.now(), losses };
}

/** Waits for a submission and keeps its losses. Returns how long it took in milliseconds, at least 1. */
async function collect(
  gpu: Gpu,
  { count, began, losses }: Submission,
  trainings: readonly Training[],
  ended: Set<Training>,
  done: number,
): Promise<number> {
  const made = await losses;
  checkErrors(gpu);
  trainings.forEach((training, i) => {
    for (let step = 0; step < count && !ended.has(training); step++) {
      const loss = made[step * trainings.length + i]!;
      training.losses[done + step] = loss;
      if (Number.isFinite(loss)) continue;
      ended.add(training);
      training.end(new Error(divergence(done + step + 1, loss)));
    }
  });
  return Math.max(1, performance.now() - began);
}

function checkErrors({ errors, isLost }: Gpu): void {
  const [error] = errors;
  if (isLost()) throw new Error('the device was lost');
  if (!error) return;
  throw error.constructor.name === 'GPUOutOfMemoryError'
    ? new OutOfDeviceMemory(error.message)
    : new Error(error.message);
}
