import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { initialWeights, normalBias } from '../../../numerics/toy-model/initial-weights.ts';
import { modelStream } from '../../../numerics/random/model-stream.ts';

const key = { k0: 5, k1: 6 };
const n = 4000;
const m = 7;
const normal = initialWeights(n, m, key);

test('the biases begin as asked, and the same deviates are behind them all', () => {
  for (const bias of [
    { mean: 0, standardDeviation: 0.3 },
    { mean: -0.1, standardDeviation: 0 },
    { mean: 2, standardDeviation: 0.1 },
  ]) {
    const { W, b } = initialWeights(n, m, key, bias);
    assert.deepEqual(W, normal.W, 'W does not depend on the distribution of b');
    b.forEach((value, i) => {
      const expected = bias.mean + bias.standardDeviation * normal.b[i]!;
      assert.ok(Math.abs(value - expected) < 1e-6, `b[${i}] = ${value}: expected ${expected}`);
    });
  }
  const zero = initialWeights(n, m, key, { mean: 0, standardDeviation: 0 }).b;
  assert.ok(
    zero.every((value) => Object.is(value, 0)),
    'b = 0 is +0 throughout',
  );
});

test('normal biases have mean 0 and standard deviation 1', () => {
  assert.deepEqual(normalBias, { mean: 0, standardDeviation: 1 });
  const mean = normal.b.reduce((sum, value) => sum + value, 0) / n;
  const variance = normal.b.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  assert.ok(Math.abs(mean) < 4 / Math.sqrt(n), `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 4 * Math.sqrt(2 / n), `variance ${variance}`);
});

// These bits were drawn before there was a choice of biases: what was measured since then has to stay as it is.
test('normal biases are drawn bit by bit as ever', () => {
  const { W, b } = initialWeights(50, m, key, normalBias);
  const digest = createHash('sha256').update(W).update(b).digest('hex');
  assert.equal(digest, '435f9a941e4974915c893fe8611352d96083a9b52052668a40a1ace7aba453ec');
});

test("a model's stream does not depend on its initial biases, and is the one that it had before they were a choice", () => {
  const training = {
    n: 40, m: 6, gamma: -0.5, batch: 128, steps: 1500, warmup: 100, peakRateW: 0.01, peakRateB: 0.01, lossScale: 1,
    beta1: 0.9, beta2: 0.999, epsilon: 1e-8, projection: 'none', seed: 1, replicate: 0,
  }; // prettier-ignore
  const distribution = '{"alpha":1,"density":1,"frequencies":"power-law","n":40}';
  const stream = (initialBias: { mean: number; standardDeviation: number }, change = {}) =>
    modelStream(distribution, { ...training, initialBias, ...change });
  assert.deepEqual(stream(normalBias), { k0: 3213336243, k1: 2552834454 });
  assert.deepEqual(stream({ mean: 0, standardDeviation: 0 }), stream(normalBias));
  assert.deepEqual(stream({ mean: -0.1, standardDeviation: 0.3 }), stream(normalBias));
  assert.notDeepEqual(stream(normalBias, { seed: 2 }), stream(normalBias));
});
