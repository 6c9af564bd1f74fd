import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { ToyModelTrainer } from '../../../numerics/toy-model/wasm/toy-model-trainer.ts';
import type { TrainerSettings } from '../../../numerics/toy-model/wasm/toy-model-trainer.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { samplerTables } from '../../../numerics/random/sampler-tables.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import type { SparseSamples } from '../../../numerics/random/sampler.ts';
import { streamTag } from '../../../numerics/random/streams.ts';
import { evaluateLoss } from '../../../numerics/toy-model/loss.ts';
import { ReferenceTrainer, gradient, modelLoss, outputLosses } from './reference-toy-model.ts';

const key = { k0: 0x01234567, k1: 0x89abcdef };
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

function dense({ offsets, indices, values }: SparseSamples, n: number): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, s) => {
    const x = new Array<number>(n).fill(0);
    for (let e = offsets[s]!; e < offsets[s + 1]!; e++) x[indices[e]!] = values[e]!;
    return x;
  });
}

const rowsOf = (W: Float32Array, n: number, m: number) =>
  Array.from({ length: n }, (_, i) => [...W.subarray(i * m, (i + 1) * m)]);

function setup(settings: TrainerSettings, density: number) {
  const { n, m, batch } = settings;
  const p = featureFrequencies({ frequencies: 'power-law', n, alpha: 0.7, density });
  const tables = samplerTables(p);
  const initial = initialWeights(n, m, key);
  const fast = new ToyModelTrainer(settings, p, tables, key, initial);
  const reference = new ReferenceTrainer(settings, rowsOf(initial.W, n, m), [...initial.b]);
  const batchOf = (k: number) => dense(drawSamples(tables, key, streamTag.training, k, batch), n);
  return { fast, reference, batchOf };
}

test('the gradient of the reference is that of its loss, by finite differences', () => {
  const n = 9;
  const m = 4;
  const { reference, batchOf } = setup({ n, m, batch: 40, gamma: 0, lossScale: 1, ...adam, projection: 'none' }, 2);
  const X = batchOf(1);
  const { W, b } = reference;
  const { dW, db } = gradient(W, b, X, 3);
  const difference = (values: number[], k: number) => {
    const [kept, h] = [values[k]!, 1e-6];
    values[k] = kept + h;
    const up = modelLoss(W, b, X);
    values[k] = kept - h;
    const down = modelLoss(W, b, X);
    values[k] = kept;
    return (3 * (up - down)) / (2 * h * n);
  };
  for (let i = 0; i < n; i++) {
    assert.ok(Math.abs(difference(b, i) - db[i]!) < 1e-7);
    for (let k = 0; k < m; k++) assert.ok(Math.abs(difference(W[i]!, k) - dW[i]![k]!) < 1e-7, `dW[${i}][${k}]`);
  }
});

const powerSum = (n: number) => Array.from({ length: n }, (_, i) => (i + 1) ** -0.7).reduce((a, c) => a + c, 0);
const shapes: [string, Partial<TrainerSettings>, number][] = [
  ['decay', { gamma: 0.5 }, 1],
  ['growth', { gamma: -1 }, 1],
  ['neither', { gamma: 0 }, 1],
  ['projection', { gamma: 0, projection: 'unit-rows' }, 1],
  ['loss scale 100', { gamma: -1, lossScale: 100 }, 1],
  ['a large epsilon', { gamma: -1, epsilon: 1e-4 }, 1],
  ['dense samples', { gamma: -0.5, n: 21, batch: 33 }, 4],
  ['one feature always active', { gamma: 0.3, n: 25 }, powerSum(25)],
  ['m not a multiple of the vector, several blocks of vectors', { gamma: -1, n: 30, m: 23 }, 1],
  ['m = 1', { gamma: 0.1, n: 8, m: 1 }, 1],
  ['several blocks of columns', { gamma: -1, n: 601, m: 5, batch: 600 }, 1],
  ['symmetric over several blocks of columns', { gamma: -1, n: 701, m: 9, batch: 900 }, 1],
  ['many features of one sample alone', { gamma: -1, n: 400, m: 9, batch: 40 }, 6],
  ['rows that are padded', { gamma: -1, n: 30, m: 256, batch: 30 }, 1],
  ['wide, several blocks of columns', { gamma: -1, n: 601, m: 257, batch: 600 }, 1],
  ['wide, dense samples', { gamma: 0.5, n: 40, m: 300, batch: 50 }, 5],
  ['a batch of one', { gamma: 0.1, batch: 1 }, 1],
];
for (const [name, change, density] of shapes) {
  test(`the fast step is the reference step: ${name}`, (t) => {
    const settings: TrainerSettings = {
      n: 50,
      m: 10,
      batch: 64,
      gamma: 0,
      lossScale: 1,
      ...adam,
      projection: 'none',
      ...change,
    };
    const { n, m } = settings;
    const { fast, reference, batchOf } = setup(settings, density);
    // A step of the reference takes time in proportion to batch n m.
    const steps = n > 100 ? (m > 100 ? 2 : 6) : m > 100 ? 12 : 40;
    const warmup = Math.min(5, steps - 1);
    let lossError = 0;
    for (let k = 1; k <= steps; k++) {
      const rate = 0.01 * learningRateShare(k, steps, warmup);
      const expected = reference.step(k, batchOf(k), rate, 2 * rate);
      lossError = Math.max(lossError, Math.abs(fast.step(k, rate, 2 * rate) / expected - 1) || 0);
    }
    const W = fast.weights();
    const b = fast.biases();
    let weightError = 0;
    for (let i = 0; i < n; i++) {
      weightError = Math.max(weightError, Math.abs(b[i]! - reference.b[i]!));
      for (let k = 0; k < m; k++) weightError = Math.max(weightError, Math.abs(W[i * m + k]! - reference.W[i]![k]!));
    }
    t.diagnostic(
      `largest deviation: loss ${lossError.toExponential(1)} (relative), weights ${weightError.toExponential(1)}`,
    );
    assert.ok(lossError < 2e-5, `loss: ${lossError}`);
    assert.ok(weightError < 1e-4, `weights: ${weightError}`);
  });
}

test('the loss scale matters, through epsilon', () => {
  const settings: TrainerSettings = {
    n: 50,
    m: 10,
    batch: 64,
    gamma: 0,
    lossScale: 1,
    ...adam,
    epsilon: 1e-4,
    projection: 'none',
  };
  const run = (lossScale: number) => {
    const { fast } = setup({ ...settings, lossScale }, 1);
    for (let k = 1; k <= 20; k++) fast.step(k, 0.01, 0.01);
    return fast.weights();
  };
  const small = run(1);
  const large = run(100);
  assert.ok(small.some((w, i) => Math.abs(w - large[i]!) > 1e-3));
});

test('evaluateLoss is the loss of the reference, by batch and by output', () => {
  for (const [n, m, density] of [
    [40, 6, 1],
    [700, 7, 1],
    [19, 5, 8],
  ] as const) {
    const p = featureFrequencies({ frequencies: 'linear', n, firstIndex: 0, density });
    const { W, b } = initialWeights(n, m, key);
    const samples = drawSamples(samplerTables(p), key, streamTag.evaluation, 0, 90);
    const loss = evaluateLoss({ W, b, n, m }, samples, 30);
    const X = dense(samples, n);
    const rows = rowsOf(W, n, m);
    assert.equal(loss.batches.length, 3);
    loss.batches.forEach((value, i) => {
      const expected = modelLoss(rows, [...b], X.slice(30 * i, 30 * (i + 1)));
      assert.ok(Math.abs(value / expected - 1) < 1e-5, `batch ${i}: ${value}, expected ${expected}`);
    });
    outputLosses(rows, [...b], X).forEach((expected, i) => {
      assert.ok(
        Math.abs(loss.outputs[i]! - expected) < 1e-5 * (1 + expected),
        `output ${i}: ${loss.outputs[i]}, expected ${expected}`,
      );
    });
    assert.ok(Math.abs(loss.mean - loss.outputs.reduce((a, c) => a + c, 0)) < 1e-9 * loss.mean);
  }
});

test('evaluateLoss refuses what does not fit', () => {
  const samples = { offsets: Uint32Array.of(0, 1, 2), indices: Uint32Array.of(0, 9), values: Float32Array.of(1, 1) };
  const model = { W: new Float32Array(6), b: new Float32Array(3), n: 3, m: 2 };
  assert.throws(() => evaluateLoss(model, samples, 2), /feature 9 in the samples of a model with n = 3/);
  assert.throws(() => evaluateLoss(model, samples, 3), /2 samples: expected a multiple of the batch size 3/);
  assert.throws(() => evaluateLoss({ ...model, m: 3 }, samples, 2), /W and b have 6 and 3 elements: expected 9 and 3/);
});
