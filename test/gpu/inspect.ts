/** What the kernels leave on the device between the launches of a step. */
import { readBuffer } from '../../numerics/webgpu/buffers.ts';
import type { Gpu } from '../../numerics/webgpu/device.ts';
import { ringSteps } from '../../numerics/toy-model/webgpu/layout.ts';
import type { GroupModel, GroupShape } from '../../numerics/toy-model/webgpu/layout.ts';
import { initialState } from '../../numerics/toy-model/webgpu/state.ts';
import { TrainingGroup } from '../../numerics/toy-model/webgpu/training-group.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import type { SparseSamples } from '../../numerics/random/sampler.ts';

/** The samples of a step, if steps began with 1, and by feature the samples that have it, as the kernels list them. */
export async function drawnBatch(
  { device }: Gpu,
  group: TrainingGroup,
  model: number,
  step: number,
): Promise<{ samples: SparseSamples; lists: [number, number[]][] }> {
  const c = group.layout.constants;
  const at = (name: string, i = 0): number => plan[c[name]! + i]!;
  const plan = new Uint32Array(c['PLAN']!);
  const place = (((step - 1) % ringSteps) * group.models.length + model) * 4 * plan.length;
  await readBuffer(device, group.buffers.plan, place, 4 * plan.length, (bytes, begin) =>
    plan.set(new Uint32Array(bytes), begin / 4),
  );
  const { batch } = group.shape;
  const offsets = new Uint32Array(batch + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let s = 0; s < batch; s++) {
    for (let e = 0; e < at('ENTRY_COUNT', s); e++) {
      indices.push(at('ENTRY_FEATURE', s * c['POINTS']! + e));
      values.push(at('ENTRY_VALUE', s * c['POINTS']! + e));
    }
    offsets[s + 1] = indices.length;
  }
  const lists: [number, number[]][] = [];
  for (let slot = 0; slot < at('HEADER'); slot++) {
    const samples: number[] = [];
    for (let segment = at('SLOT_SEGMENT', slot); segment < at('SLOT_SEGMENT', slot + 1); segment++) {
      if (at('SEGMENT_SLOT', segment) !== slot) throw new Error(`segment ${segment} is not of slot ${slot}`);
      for (let i = at('SEGMENT_BEGIN', segment); i < at('SEGMENT_BEGIN', segment + 1); i++)
        samples.push(at('SORTED_SAMPLE', i));
    }
    lists.push([at('SLOT_FEATURE', slot), samples]);
  }
  return {
    samples: { offsets, indices: Uint32Array.from(indices), values: new Float32Array(Uint32Array.from(values).buffer) },
    lists,
  };
}

/** The gradient of the first step, as the first moments keep it with beta1 = 0. */
export async function gradientOnGpu(
  gpu: Gpu,
  shape: GroupShape,
  model: GroupModel,
): Promise<{ dW: Float32Array; db: Float32Array; loss: number }> {
  const { n, m } = shape;
  const group = await TrainingGroup.create(gpu, shape, [{ ...model, beta1: 0 }]);
  group.setState(0, initialState(shape, initialWeights(n, m, model.key)));
  const [loss] = await group.submit(1, 1, () => ({ W: 0, b: 0 }));
  const state = await group.readState(0);
  group.destroy();
  const [stride, padded] = [4 * Math.ceil(m / 4), 4 * Math.ceil(n / 4)];
  const dW = new Float32Array(n * m);
  for (let i = 0; i < n; i++) dW.set(state.subarray((n + i) * stride, (n + i) * stride + m), i * m);
  const db = state.slice(3 * n * stride + padded, 3 * n * stride + padded + n);
  return { dW, db, loss: loss! };
}
