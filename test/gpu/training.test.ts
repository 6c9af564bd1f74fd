import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupModel, GroupShape } from '../../numerics/toy-model/webgpu/layout.ts';
import { initialState, weightsOf } from '../../numerics/toy-model/webgpu/state.ts';
import { TrainingGroup } from '../../numerics/toy-model/webgpu/training-group.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { drawSamples } from '../../numerics/random/sampler.ts';
import { streamTag } from '../../numerics/random/streams.ts';
import { gradient, modelLoss } from '../numerics/toy-model/reference-toy-model.ts';
import { densitiesOf, drawnBatch, gradientOnGpu } from './inspect.ts';
import { dense, lastingGpu, model, relativeDeviation, rowsOf, trainOnCpu, trainOnGpu } from './models.ts';

const gpu = await lastingGpu();
console.log(`device: ${gpu.name}`);

test('samples, their compaction and initial weights are those of the processor, bit for bit', async () => {
  const shape: GroupShape = { n: 70, m: 5, batch: 260 };
  // rare features, an always active one, and lists longer than a segment
  const models = [
    model(shape, 0, -1, 1),
    model(shape, 1, 0.5, 2),
    model(shape, 1, 0.5, 3, { density: 4 }),
    model(shape, 2, -1, 4, { density: 1.6 }),
  ];
  const group = await TrainingGroup.create(gpu, shape, models);
  for (const [i, { key }] of models.entries()) {
    const initial = initialWeights(shape.n, shape.m, key);
    group.setState(i, initialState(shape, initial));
    assert.deepEqual(weightsOf(shape, await group.readState(i)), initial);
  }
  // the places of the fourth step and of those after it held others before
  await group.submit(1, 3);
  await group.submit(4, 3);
  for (const [i, { tables, key }] of models.entries()) {
    for (const step of [4, 5, 6]) {
      const expected = drawSamples(tables, key, streamTag.training, step, shape.batch);
      const { samples, lists } = await drawnBatch(gpu, group, i, step - 4);
      assert.deepEqual(samples, expected);
      const having = new Map<number, number[]>();
      for (let s = 0; s < shape.batch; s++) {
        for (let e = expected.offsets[s]!; e < expected.offsets[s + 1]!; e++)
          having.set(expected.indices[e]!, [...(having.get(expected.indices[e]!) ?? []), s]);
      }
      assert.deepEqual(
        lists,
        [...having].sort(([a], [b]) => a - b),
      );
    }
  }
  group.destroy();
});

for (const [name, shape, own] of [
  ['few features', { n: 9, m: 5, batch: 40 }, { alpha: 0.7, density: 2, seed: 1 }],
  ['rows that are cut into segments', { n: 14, m: 6, batch: 400 }, { alpha: 2, density: 1.5, seed: 2 }],
  ['tiles that are not full', { n: 130, m: 101, batch: 50 }, { alpha: 0, density: 3, seed: 3 }],
] as const) {
  test(`the gradient is that of the dense reference: ${name}`, async (t) => {
    const { n, m, batch } = shape;
    const settings = model(shape, own.alpha, 0, own.seed, { density: own.density, lossScale: 3 });
    const { W, b } = initialWeights(n, m, settings.key);
    const X = dense(drawSamples(settings.tables, settings.key, streamTag.training, 1, batch), n);
    const expected = gradient(rowsOf(W, n, m), [...b], X, 3);
    const { dW, db, loss } = await gradientOnGpu(gpu, shape, settings);
    const deviation = Math.max(
      relativeDeviation(dW, expected.dW.flat()),
      relativeDeviation(db, expected.db),
      Math.abs(loss / modelLoss(rowsOf(W, n, m), [...b], X) - 1),
    );
    t.diagnostic(`largest relative deviation of gradients and loss: ${deviation.toExponential(1)}`);
    assert.ok(deviation < 2e-6, `${deviation}`);
  });
}

test('6 steps of 5 models of n = 140, in one group and one by one, narrow ones with columns of zeros', async (t) => {
  const shape: GroupShape = { n: 140, m: 7, batch: 96 };
  const steps = 6;
  const models: GroupModel[] = [
    model(shape, 0, -1, 1),
    model(shape, 1, -0.5, 2, { m: 3 }),
    model(shape, 2, 1 / 3, 3, { m: 5 }),
    model(shape, 0.5, -1, 4, { density: 2, projection: 'unit-rows' }),
    model(shape, 1.5, 0, 5, { lossScale: 100 }),
  ];
  const grouped = await trainOnGpu(gpu, shape, models, steps);
  const others: number[] = [];
  for (const [i, own] of models.entries()) {
    const [alone] = await trainOnGpu(gpu, { ...shape, m: own.m ?? shape.m }, [own], steps, { window: 3 + i });
    assert.deepEqual(grouped[i], alone, `model ${i} comes to the same alone, handed over in other portions`);
    const expected = trainOnCpu(shape, own, steps);
    others.push(
      relativeDeviation(grouped[i]!.W, expected.W),
      relativeDeviation(grouped[i]!.b, expected.b),
      relativeDeviation(grouped[i]!.losses, expected.losses),
    );
  }
  const largest = Math.max(...others);
  t.diagnostic(`largest |W - W_wasm| / |W_wasm|, of b and of losses: ${largest.toExponential(1)}`);
  assert.ok(largest <= 1e-5, `${largest}`);
});

test('zeros of M are left out where there are many, which changes no byte', async (t) => {
  const shape: GroupShape = { n: 130, m: 101, batch: 50 };
  const models = [model(shape, 1, -1, 1), model(shape, 0.5, 0.3, 2), model(shape, 1, 0, 3, { m: 6 })];
  // so negative that only the outputs of active features are positive
  const bias = -2;
  const dense = await trainOnGpu(gpu, shape, models, 2, { sparse: false, bias });
  assert.deepEqual(await trainOnGpu(gpu, shape, models, 2, { sparse: true, bias }), dense);
  const group = await TrainingGroup.create(gpu, shape, models, { sparse: true });
  const densities: number[][] = [];
  for (const own of [bias, 1]) {
    models.forEach(({ key, m = shape.m }, i) => {
      const { W, b } = initialWeights(shape.n, m, key);
      group.setState(i, initialState({ n: shape.n, m }, { W, b: b.fill(own) }));
    });
    await group.submit(1, 1);
    densities.push(await densitiesOf(gpu, group));
  }
  group.destroy();
  t.diagnostic(
    `entries of M that are not zero: ${densities
      .flat()
      .map((share) => share.toFixed(3))
      .join(' ')}`,
  );
  assert.ok(densities[0]!.every((share) => share > 0 && share < 1 / 16));
  assert.ok(densities[1]!.every((share) => share > 0.3 && share <= 1));
});
