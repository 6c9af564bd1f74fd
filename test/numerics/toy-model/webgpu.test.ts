import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergedWidths, modelActivity } from '../../../numerics/toy-model/webgpu/merged-widths.ts';
import type { GroupModel, GroupShape } from '../../../numerics/toy-model/webgpu/layout.ts';
import { InitialStates } from '../../../numerics/toy-model/webgpu/initial-states.ts';
import { initialState, stateLength, weightsOf, widened } from '../../../numerics/toy-model/webgpu/state.ts';
import { stepCounts, stepSeconds } from '../../../numerics/toy-model/webgpu/step-cost.ts';
import { TrainingGroup } from '../../../numerics/toy-model/webgpu/training-group.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import { streamTag } from '../../../numerics/random/streams.ts';
import { countingGpu } from '../../gpu/counting-device.ts';
import { model } from '../../gpu/models.ts';

const shape: GroupShape = { n: 1000, m: 10, batch: 2048 };
const scheduled = (models: readonly GroupModel[], steps: number): GroupModel[] =>
  models.map((one) => ({ ...one, schedule: { ...one.schedule, steps } }));

/** Launches a step over 64 steps, and bytes handed over of rates. */
async function counted(of: GroupShape, models: readonly GroupModel[]): Promise<{ launches: number; rates: number }> {
  const gpu = countingGpu();
  const group = await TrainingGroup.create(gpu, of, models);
  for (const first of [1, 33]) group.submit(first, 32).catch(() => undefined);
  return { launches: gpu.launches / 64, rates: gpu.written.get('rates')! };
}

test('a step takes five launches and those of its draws, six where zeros of M may be left out', async () => {
  const one = scheduled([model(shape, 1, -1, 1)], 20000);
  assert.deepEqual(await counted(shape, one), { launches: 5 + 4 / 16, rates: 16 * 20000 });
  assert.equal((await counted({ ...shape, m: 100 }, one)).launches, 6 + 4 / 16);
  const many = Array.from({ length: 100 }, (_, seed) => model(shape, 1, seed % 2, seed));
  // a hundred models, of two rates of decay: two sequences of rates, and draws of four steps at a time
  assert.deepEqual(await counted(shape, scheduled(many, 20000)), { launches: 5 + 4 / 4, rates: 2 * 16 * 20000 });
});

test('what a step is predicted to do is what batches have on average', () => {
  const { frequency, tables, key } = model(shape, 0.7, 0, 1);
  const predicted = modelActivity(frequency, shape.batch);
  const found = { distinct: 0, entries: 0, pairs: 0 };
  const batches = 5;
  for (let step = 1; step <= batches; step++) {
    const { offsets, indices } = drawSamples(tables, key, streamTag.training, step, shape.batch);
    found.distinct += new Set(indices).size / batches;
    found.entries += indices.length / batches;
    for (let s = 0; s < shape.batch; s++) found.pairs += (offsets[s + 1]! - offsets[s]!) ** 2 / batches;
  }
  for (const name of ['distinct', 'entries', 'pairs'] as const)
    assert.ok(Math.abs(found[name] / predicted[name] - 1) < 0.05, `${name}: ${found[name]}, ${predicted[name]}`);
});

test('zeros that are left out and models more change what is predicted as they should', () => {
  const activity = modelActivity(model(shape, 1, 0, 1).frequency, 2048);
  const wide = { n: 1000, m: 512, density: 1, ring: 4, splits: 1, sparse: true };
  const [dense, sparse] = [stepCounts(wide, [activity]), stepCounts({ ...wide, density: 0.01 }, [activity])];
  assert.ok(Math.abs(sparse.backward.flop / dense.backward.flop - 0.01) < 1e-12);
  assert.equal(sparse.activation.flop, dense.activation.flop);
  const seconds = (models: number): number =>
    stepSeconds(
      wide,
      Array.from({ length: models }, () => activity),
    );
  assert.ok(seconds(2) < 1.5 * seconds(1), 'two models leave much of a card idle');
  assert.ok(seconds(200) > 1.8 * seconds(100), 'a hundred do not');
});

test('few models of several widths step together, many do not', () => {
  const { frequency } = model(shape, 1, 0, 1);
  const ofWidths = (count: number) =>
    [10, 39, 100].flatMap((m) => Array.from({ length: count }, () => ({ model: { frequency, m } })));
  const widths = (groups: { model: { m: number } }[][]): number[][] =>
    groups.map((group) => [...new Set(group.map((one) => one.model.m))]);
  assert.deepEqual(widths(mergedWidths(ofWidths(1), shape)), [[10, 39, 100]]);
  assert.deepEqual(widths(mergedWidths(ofWidths(170), shape)), [[10], [39], [100]]);
});

test('a state as a wider model has it, and back', () => {
  const [n, m] = [9, 6];
  const weights = initialWeights(n, m, { k0: 1, k1: 2 });
  const state = initialState({ n, m }, weights);
  const wide = widened(state, n, m, 21);
  assert.equal(wide.length, stateLength({ n, m: 21 }));
  const { W, b } = weightsOf({ n, m: 21 }, wide);
  assert.deepEqual(b, weights.b);
  for (let i = 0; i < n; i++) {
    assert.deepEqual(W.slice(21 * i, 21 * i + m), weights.W.slice(m * i, m * (i + 1)));
    assert.ok(W.slice(21 * i + m, 21 * (i + 1)).every((value) => value === 0));
  }
  assert.deepEqual(widened(wide, n, 21, m), state);
});

test('threads draw the initial weights that are drawn here, and end when they are closed', async () => {
  const states = new InitialStates(2);
  const models = [0, 1, 2, 3].map((seed) => ({
    n: seed === 3 ? 20 : 500,
    m: 11,
    key: { k0: seed, k1: 7 },
    initialBias: { mean: -0.1, standardDeviation: 0.5 },
  }));
  const drawn = await Promise.all(models.map((one) => states.draw(one)));
  models.forEach(({ n, m, key, initialBias }, i) =>
    assert.deepEqual(drawn[i], initialState({ n, m }, initialWeights(n, m, key, initialBias))),
  );
  const late = states.draw({ ...models[0]!, n: 100_000 });
  await Promise.all([states.close(), assert.rejects(late, /initial states are no longer drawn/)]);
});
