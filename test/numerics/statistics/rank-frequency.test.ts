import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitRankFrequency, rankFrequency } from '../../../numerics/statistics/rank-frequency.ts';

for (const alpha of [0.8, 1, 1.3]) {
  test(`a power law of exponent ${alpha} is found, whatever the order of the tokens`, () => {
    const counts = Array.from({ length: 5000 }, (_, i) => 1e9 / (i + 1) ** alpha);
    const line = fitRankFrequency(rankFrequency([...counts.slice(100), 0, 0, ...counts.slice(0, 100)]));
    assert.ok(Math.abs(line.slope + alpha) < 1e-9, String(line.slope));
    assert.equal(line.count, 1000);
    assert.ok(line.r2 > 1 - 1e-12);
  });
}

test('the points are uniform in the logarithm of the rank and their frequencies are shares', () => {
  const counts = Array.from({ length: 1000 }, (_, i) => 6000 / (i + 1));
  const { rank, frequency } = rankFrequency(counts, 4);
  assert.deepEqual(
    [...rank].map((r) => Math.round(r * 1e9) / 1e9),
    [1, 10, 100, 1000],
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  rank.forEach((r, i) => assert.ok(Math.abs(frequency[i]! - 6000 / r / total) < 1e-12));
});

test('each decade of ranks weighs the same: a tail that falls off steeply is a part of the line', () => {
  // Slope -1 up to rank 100, -3 beyond, to 10^4: least squares over a line even in log rank gives a slope of -2.
  const counts = Array.from({ length: 10_000 }, (_, i) =>
    i < 100 ? 1e12 / (i + 1) : (1e12 * 100 ** 2) / (i + 1) ** 3,
  );
  const { slope } = fitRankFrequency(rankFrequency(counts));
  assert.ok(Math.abs(slope + 2) < 0.01, String(slope));
});

test('fewer than two tokens have no relation', () => {
  assert.throws(() => rankFrequency([0, 7, 0]), /^RangeError: 1 tokens seen/);
});
