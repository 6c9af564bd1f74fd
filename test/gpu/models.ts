import { featureFrequencies } from '../../numerics/features/frequencies.ts';
import { NoGpu, openGpu } from '../../numerics/webgpu/device.ts';
import type { Gpu } from '../../numerics/webgpu/device.ts';
import type { GroupModel, GroupShape } from '../../numerics/toy-model/webgpu/layout.ts';
import { TrainingGroup } from '../../numerics/toy-model/webgpu/training-group.ts';
import { initialState, weightsOf } from '../../numerics/toy-model/webgpu/state.ts';
import type { Weights } from '../../numerics/toy-model/webgpu/state.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { ToyModelTrainer } from '../../numerics/toy-model/wasm/toy-model-trainer.ts';
import { learningRateShare } from '../../numerics/toy-model/learning-rate.ts';
import type { SparseSamples } from '../../numerics/random/sampler.ts';
import { samplerTables } from '../../numerics/random/sampler-tables.ts';

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, lossScale: 1 } as const;

/**
 * Dawn looks whether the device has finished in each turn of the event loop, for which it calls `setImmediate`: all the
 * while, it takes a core, and the device is a software one that needs it. Here it looks once a millisecond.
 */
function waitWithoutTurning(): void {
  globalThis.setImmediate = ((call: (...values: unknown[]) => void, ...values: unknown[]) =>
    setTimeout(call, 1, ...values)) as unknown as typeof setImmediate;
}

/** A device, or the end of the tests with one line: they may not be skipped. */
async function requireGpu(): Promise<Gpu> {
  waitWithoutTurning();
  try {
    return await openGpu();
  } catch (error) {
    if (!(error instanceof NoGpu)) throw error;
    console.error(`test:gpu: ${error.message}`);
    process.exit(1);
  }
}

let lasting: Promise<LastingGpu> | undefined;

export interface LastingGpu extends Gpu {
  /** How many devices were asked for in its place, by `openOnlyThis`, and how often it was given back. */
  readonly uses: { opened: number; destroyed: number };
}

/**
 * One device for all tests of a process, which stays when a job gives it back: on SwiftShader its kernels take ten times
 * as long to compile as to run here.
 */
export function lastingGpu(): Promise<LastingGpu> {
  return (lasting ??= (async () => {
    const gpu = await requireGpu();
    const uses = { opened: 0, destroyed: 0 };
    gpu.device.destroy = () => void uses.destroyed++;
    return Object.assign(gpu, { uses });
  })());
}

/** From here on, whoever opens a device gets this one. */
export function openOnlyThis({ device, uses }: LastingGpu): void {
  GPUAdapter.prototype.requestDevice = () => {
    uses.opened++;
    return Promise.resolve(device);
  };
}

/** A model on power-law frequencies. */
export function model(
  shape: GroupShape,
  alpha: number,
  gamma: number,
  seed: number,
  change: Partial<GroupModel> & { density?: number } = {},
): GroupModel {
  const { density = 1, ...rest } = change;
  const frequency = featureFrequencies({ frequencies: 'power-law', n: shape.n, alpha, density });
  return {
    frequency,
    tables: samplerTables(frequency),
    key: { k0: 0x1234567 + seed, k1: 0x89abcdef },
    gamma,
    projection: 'none',
    schedule: { steps: 25, warmup: 5, peakRateW: 0.01, peakRateB: 0.02 },
    ...adam,
    ...rest,
  };
}

export interface Trained extends Weights {
  readonly losses: Float64Array;
}

export interface GroupOptions {
  /** Steps that are handed over at a time. */
  readonly window?: number;
  readonly sparse?: boolean;
  /** What all biases begin with. */
  readonly bias?: number;
}

/** Every model in one group. */
export async function trainOnGpu(
  gpu: Gpu,
  shape: GroupShape,
  models: readonly GroupModel[],
  steps: number,
  { window = steps, sparse, bias }: GroupOptions = {},
): Promise<Trained[]> {
  const group = await TrainingGroup.create(
    gpu,
    shape,
    models.map((one) => ({ ...one, schedule: { ...one.schedule, steps } })),
    { ...(sparse !== undefined && { sparse }) },
  );
  try {
    models.forEach(({ key, m = shape.m }, i) => {
      const { W, b } = initialWeights(shape.n, m, key);
      group.setState(i, initialState({ n: shape.n, m }, { W, b: bias === undefined ? b : b.fill(bias) }));
    });
    const losses = models.map(() => new Float64Array(steps));
    for (let first = 1; first <= steps; first += window) {
      const count = Math.min(window, steps - first + 1);
      const made = await group.submit(first, count);
      losses.forEach((own, i) =>
        own.set(
          made.filter((_, at) => at % models.length === i),
          first - 1,
        ),
      );
    }
    const trained: Trained[] = [];
    for (let i = 0; i < models.length; i++)
      trained.push({
        ...weightsOf({ n: shape.n, m: models[i]!.m ?? shape.m }, await group.readState(i)),
        losses: losses[i]!,
      });
    return trained;
  } finally {
    group.destroy();
  }
}

/** The same on the processor. */
export function trainOnCpu(shape: GroupShape, own: GroupModel, steps: number): Trained {
  const { n } = shape;
  const { m = shape.m } = own;
  const trainer = new ToyModelTrainer(
    { ...shape, ...own, m },
    own.frequency,
    own.tables,
    own.key,
    initialWeights(n, m, own.key),
  );
  const losses = new Float64Array(steps);
  const { warmup, peakRateW, peakRateB } = own.schedule;
  for (let step = 1; step <= steps; step++) {
    const share = learningRateShare(step, steps, warmup);
    losses[step - 1] = trainer.step(step, peakRateW * share, peakRateB * share);
  }
  return { W: trainer.weights(), b: trainer.biases(), losses };
}

/** |a - b| / |b|, Frobenius. */
export function relativeDeviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

export function dense({ offsets, indices, values }: SparseSamples, n: number): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, s) => {
    const x = new Array<number>(n).fill(0);
    for (let e = offsets[s]!; e < offsets[s + 1]!; e++) x[indices[e]!] = values[e]!;
    return x;
  });
}

export function rowsOf(W: Float32Array, n: number, m: number): number[][] {
  return Array.from({ length: n }, (_, i) => [...W.subarray(i * m, (i + 1) * m)]);
}
