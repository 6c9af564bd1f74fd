import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupShape } from '../../numerics/gpu/layout.ts';
import { model, relativeDeviation, requireGpu, trainOnCpu, trainOnGpu } from './models.ts';

const gpu = await requireGpu();
console.log(`device: ${gpu.name}`);

test('one small step', async () => {
  const shape: GroupShape = { n: 50, m: 10, batch: 64 };
  const own = model(shape, 1, -1, 1);
  const steps = 3;
  const [made] = await trainOnGpu(gpu, shape, [own], steps);
  const expected = trainOnCpu(shape, own, steps);
  console.log(made!.losses, expected.losses, relativeDeviation(made!.W, expected.W), relativeDeviation(made!.b, expected.b));
  assert.ok(relativeDeviation(made!.W, expected.W) < 1e-5);
});
