import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { learningRateShare } from '../../../numerics/toy-model/learning-rate.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';

const sum = (p: Float64Array) => p.reduce((a, c) => a + c, 0);

test('frequencies sum to the density and decay as they should', () => {
  const power = featureFrequencies({ frequencies: 'power-law', n: 1000, alpha: 1.2, density: 1 });
  assert.ok(Math.abs(sum(power) - 1) < 1e-12);
  assert.ok(Math.abs(power[0]! / power[99]! / 100 ** 1.2 - 1) < 1e-12);
  for (const firstIndex of [0, 1] as const) {
    const exponential = featureFrequencies({ frequencies: 'exponential', n: 1000, scale: 400, firstIndex, density: 2 });
    assert.ok(Math.abs(sum(exponential) - 2) < 1e-12);
    assert.ok(Math.abs(exponential[400]! / exponential[0]! - Math.exp(-1)) < 1e-12);
    const linear = featureFrequencies({ frequencies: 'linear', n: 1000, firstIndex, density: 1 });
    assert.ok(Math.abs(linear[10]! / linear[0]! - (990 - firstIndex) / (1000 - firstIndex)) < 1e-12);
  }
});

test('a frequency above 1 is refused, by its value and density; one at 1 up to rounding is 1', () => {
  assert.throws(
    () => featureFrequencies({ frequencies: 'power-law', n: 10, alpha: 2, density: 2 }),
    /p_1 = 1\.29\d* at density 2: .* largest density here is 1\.549/,
  );
  for (let n = 2; n < 60; n++) {
    const harmonic = Array.from({ length: n }, (_, i) => 1 / (i + 1)).reduce((a, c) => a + c, 0);
    assert.equal(featureFrequencies({ frequencies: 'power-law', n, alpha: 1, density: harmonic })[0], 1);
  }
});

test('parameters that do not belong to the law are refused', () => {
  assert.throws(
    () => featureFrequencies({ frequencies: 'power-law', n: 10, density: 1 }),
    /power-law frequencies need alpha/,
  );
  assert.throws(
    () => featureFrequencies({ frequencies: 'linear', n: 10, firstIndex: 1, alpha: 1, density: 1 }),
    /alpha = 1: linear frequencies have no such parameter/,
  );
});

test('the learning rate warms up linearly, then follows a cosine down to a twentieth', () => {
  assert.equal(learningRateShare(1, 100, 10), 0.1);
  assert.equal(learningRateShare(10, 100, 10), 1);
  assert.ok(Math.abs(learningRateShare(55, 100, 10) - 0.525) < 1e-12);
  assert.ok(Math.abs(learningRateShare(100, 100, 10) - 0.05) < 1e-12);
  assert.equal(
    learningRateShare(1, 50, 50),
    learningRateShare(1, 50, 0),
    'a warm-up as long as the training is dropped',
  );
});

test('initial weights have variance 1/m, biases variance 1', () => {
  const [n, m] = [600, 30];
  const { W, b } = initialWeights(n, m, { k0: 5, k1: 6 });
  const moment = (a: Float32Array, k: number) => a.reduce((s, w) => s + w ** k, 0) / a.length;
  assert.ok(Math.abs(moment(W, 1)) < 5 / Math.sqrt(n * m * m));
  assert.ok(Math.abs(moment(W, 2) * m - 1) < 5 * Math.sqrt(2 / (n * m)));
  assert.ok(Math.abs(moment(W, 4) * m * m - 3) < 5 * Math.sqrt(96 / (n * m)));
  assert.ok(Math.abs(moment(b, 1)) < 5 / Math.sqrt(n) && Math.abs(moment(b, 2) - 1) < 5 * Math.sqrt(2 / n));
  let neighbours = 0;
  for (let i = 1; i < W.length; i++) neighbours += W[i]! * W[i - 1]! * m;
  assert.ok(Math.abs(neighbours) < 5 * Math.sqrt(n * m), 'consecutive deviates are uncorrelated');
});
