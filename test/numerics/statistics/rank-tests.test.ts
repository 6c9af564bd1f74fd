import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mannWhitney, spearman, superiority } from '../../../numerics/statistics/rank-tests.ts';
import { median, quantile, ranks, variance } from '../../../numerics/statistics/moments.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} to ${tolerance}`);
}

test('ranks share ties; quantiles interpolate; variance is the sample one', () => {
  assert.deepEqual([...ranks([3, 1, 3, 2])], [3.5, 1, 3.5, 2]);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(quantile([1, 2, 3, 4, 5], 0.25), 2);
  assert.equal(quantile([1, Infinity, Infinity], 0.75), Infinity);
  near(variance([2, 4, 4, 4, 5, 5, 7, 9]), 32 / 7, 1e-14);
});

test('Spearman: the textbook example of IQ and television', () => {
  const iq = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110];
  const hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17];
  const found = spearman([{ x: iq, y: hours }])!;
  near(found.correlation, -29 / 165, 1e-12);
  assert.ok(found.low < 0 && found.high > 0);
});

test('Spearman within groups sees what the pooled levels hide; ties everywhere say nothing', () => {
  const groups = [
    { x: [1, 2, 3, 4], y: [40, 30, 20, 10] },
    { x: [1, 2, 3, 4], y: [900, 800, 700, 600] },
  ];
  const found = spearman(groups)!;
  near(found.correlation, -1, 1e-12);
  assert.ok(found.high < 0);
  assert.equal(spearman([{ x: [1, 2, 3, 4], y: [1, 1, 1, 1] }]), undefined);
});

test('Mann-Whitney: a z computed by hand, and its sign', () => {
  const first = [19, 22, 16, 29, 24];
  const second = [20, 11, 17, 12];
  const found = mannWhitney(first, second)!;
  near(found.z, (17 - 10 - 0.5) / Math.sqrt((20 * 10) / 12), 1e-12);
  assert.ok(found.p < 0.1 && mannWhitney(second, first)!.p > 0.9);
  assert.equal(mannWhitney([1, 1], [1, 1, 1]), undefined);
  assert.equal(mannWhitney([], [1]), undefined);
});

test('superiority is the share of pairs that the first group wins; ties count half', () => {
  assert.equal(superiority([3, 4], [1, 2]), 1);
  assert.equal(superiority([1, 2], [3, 4]), 0);
  assert.equal(superiority([1, 4, 4], [2, 4]), (0 + 1 + 1 + 0.5 + 0.5) / 6);
  assert.equal(superiority([], [1]), undefined);
});
