/** What the kernels leave on the device between the launches of a step. */
import assert from 'node:assert/strict';
import { readBuffer } from '../../numerics/webgpu/buffers.ts';
import type { Gpu } from '../../numerics/webgpu/device.ts';
import { windowSteps } from '../../numerics/toy-model/webgpu/layout.ts';
import type { GroupModel, GroupShape, ShapeNumbers } from '../../numerics/toy-model/webgpu/layout.ts';
import type { Schedule } from '../../numerics/toy-model/webgpu/rates.ts';
import { initialState } from '../../numerics/toy-model/webgpu/state.ts';
import { TrainingGroup } from '../../numerics/toy-model/webgpu/training-group.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import type { SparseSamples } from '../../numerics/random/sampler.ts';

/** Of each model, the share of the entries of M that were not zero in the first step of the last submission. */
export async function densitiesOf({ device }: Gpu, group: TrainingGroup): Promise<number[]> {
  const count = group.models.length;
  const found = new Float32Array(count);
  await readBuffer(device, group.buffers.losses, 4 * windowSteps * count, 4 * count, (bytes) =>
    found.set(new Float32Array(bytes)),
  );
  const { numbers, most } = group.layout;
  const densities: number[] = [];
  for (const [i, nonzero] of found.entries()) {
    const header = new Uint32Array(2);
    await readBuffer(device, group.buffers.plan, 4 * numbers.plan * i, 8, (bytes) =>
      header.set(new Uint32Array(bytes)),
    );
    assert.ok(header[1]! > 0 && header[1]! <= most.segments);
    densities.push(nonzero / (header[1]! * group.shape.n));
  }
  return densities;
}

/** The samples at a place of the ring of those that are drawn in one go, and by feature the samples that have it, as the kernels list them. */
export async function drawnBatch(
  { device }: Gpu,
  group: TrainingGroup,
  model: number,
  of: number,
): Promise<{ samples: SparseSamples; lists: [number, number[]][] }> {
  const { numbers, visitBases, capacities } = group.layout;
  const at = (name: keyof ShapeNumbers, i = 0): number => plan[numbers[name] + i]!;
  const plan = new Uint32Array(numbers.plan);
  const place = (of * group.models.length + model) * 4 * plan.length;
  await readBuffer(device, group.buffers.plan, place, 4 * plan.length, (bytes, begin) =>
    plan.set(new Uint32Array(bytes), begin / 4),
  );
  const { entries } = capacities[model]!;
  const visits = new Uint32Array(8 * entries);
  await readBuffer(
    device,
    group.buffers.visits,
    32 * (visitBases[model]! + of * entries),
    32 * entries,
    (bytes, begin) => visits.set(new Uint32Array(bytes), begin / 4),
  );
  const { batch } = group.shape;
  const offsets = new Uint32Array(batch + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let s = 0; s < batch; s++) {
    for (let e = 0; e < at('entryCount', s); e++) {
      indices.push(at('entryFeature', s * numbers.points + e));
      values.push(at('entryValue', s * numbers.points + e));
    }
    offsets[s + 1] = indices.length;
  }
  const lists: [number, number[]][] = [];
  for (let slot = 0; slot < at('header'); slot++) {
    const samples: number[] = [];
    for (let segment = at('slotSegment', slot); segment < at('slotSegment', slot + 1); segment++) {
      if (at('segmentSlot', segment) !== slot) throw new Error(`segment ${segment} is not of slot ${slot}`);
      for (let i = at('segmentBegin', segment); i < at('segmentBegin', segment + 1); i++) samples.push(visits[8 * i]!);
    }
    lists.push([at('slotFeature', slot), samples]);
  }
  return {
    samples: { offsets, indices: Uint32Array.from(indices), values: new Float32Array(Uint32Array.from(values).buffer) },
    lists,
  };
}

/** Rates of zero. */
const still: Schedule = { steps: 25, warmup: 0, peakRateW: 0, peakRateB: 0 };

/** The gradient of the first step, as the first moments keep it with beta1 = 0. */
export async function gradientOnGpu(
  gpu: Gpu,
  shape: GroupShape,
  model: GroupModel,
): Promise<{ dW: Float32Array; db: Float32Array; loss: number }> {
  const { n, m } = shape;
  const group = await TrainingGroup.create(gpu, shape, [{ ...model, beta1: 0, schedule: still }]);
  group.setState(0, initialState(shape, initialWeights(n, m, model.key)));
  const [loss] = await group.submit(1, 1);
  const state = await group.readState(0);
  group.destroy();
  const [stride, padded] = [4 * Math.ceil(m / 4), 4 * Math.ceil(n / 4)];
  const dW = new Float32Array(n * m);
  for (let i = 0; i < n; i++) dW.set(state.subarray((n + i) * stride, (n + i) * stride + m), i * m);
  const db = state.slice(3 * n * stride + padded, 3 * n * stride + padded + n);
  return { dW, db, loss: loss! };
}
