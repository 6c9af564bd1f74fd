import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomRow } from '../../../../stages/toy/random-geometry/geometry.ts';

test('random directions follow the Beta law: mean 1/m, both variances, goodness of fit, never below Welch', () => {
  for (const m of [5, 16, 63]) {
    const row = randomRow(m, 1000, { k0: 12345, k1: 678 });
    assert.ok(Math.abs(row.overlap.meanSquare * m - 1) < 0.01, `mean at m = ${m}: ${row.overlap.meanSquare}`);
    assert.ok(Math.abs(row.varianceSquare / row.varianceSquareTheory - 1) < 0.05);
    assert.ok(Math.abs(row.overlap.varianceAbsolute / row.varianceAbsoluteTheory - 1) < 0.02);
    assert.equal(row.kolmogorovSmirnov.pairs, 500);
    assert.ok(row.kolmogorovSmirnov.p > 0.01, `KS p at m = ${m}: ${row.kolmogorovSmirnov.p}`);
    assert.ok(row.overlap.maximumAbsolute ** 2 > row.overlap.welchBoundSquared);
    assert.equal(row.meanTheory, 1 / m);
  }
});

test('the same key gives the same vectors, another key others', () => {
  const key = { k0: 1, k1: 2 };
  assert.deepEqual(randomRow(4, 40, key), randomRow(4, 40, key));
  assert.notEqual(randomRow(4, 40, key).overlap.meanSquare, randomRow(4, 40, { k0: 1, k1: 3 }).overlap.meanSquare);
});
