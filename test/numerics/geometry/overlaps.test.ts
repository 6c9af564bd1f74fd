import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ambiguity } from '../../../numerics/geometry/ambiguity.ts';
import {
  overlapStatistics,
  randomAbsoluteOverlapVariance,
  randomSquaredOverlapVariance,
  unitRows,
  welchBoundSquared,
} from '../../../numerics/geometry/overlaps.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} to ${tolerance}`);
}

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test('three directions at 120 degrees in a plane meet the Welch bound, with no variance', () => {
  const w = [2, 0, -1, Math.sqrt(3), -0.5, -Math.sqrt(3) / 2];
  const found = overlapStatistics(unitRows(w, 2, all(3)), 2)!;
  near(found.meanSquare, 0.25, 1e-15);
  near(found.welchBoundSquared, 0.25, 1e-15);
  near(found.varianceAbsolute, 0, 1e-15);
  near(found.maximumAbsolute, 0.5, 1e-15);
});

test('statistics are those of the plain double loop, at every remainder of the tiling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 23 }),
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.double({ min: -2, max: 2, noNaN: true })),
      (n, m, stream) => {
        const w = Float64Array.from({ length: n * m }, () => (stream.next().value as number) + 1e-3);
        const units = unitRows(w, m, all(n));
        const found = overlapStatistics(units, m)!;
        const overlaps: number[] = [];
        for (let i = 0; i < n; i++) {
          for (let j = i + 1; j < n; j++) {
            let dot = 0;
            for (let k = 0; k < m; k++) dot += units[i * m + k]! * units[j * m + k]!;
            overlaps.push(Math.abs(dot));
          }
        }
        const mean = overlaps.reduce((a, b) => a + b) / overlaps.length;
        near(found.meanAbsolute, mean, 1e-12);
        near(found.meanSquare, overlaps.reduce((a, b) => a + b * b, 0) / overlaps.length, 1e-12);
        near(found.varianceAbsolute, overlaps.reduce((a, b) => a + (b - mean) ** 2, 0) / overlaps.length, 1e-12);
        assert.equal(found.maximumAbsolute, Math.max(...overlaps));
        assert.ok(found.meanSquare >= welchBoundSquared(n, m) * (1 - 1e-9));
      },
    ),
    { numRuns: 60 },
  );
});

test('vectors that are not unit vectors fall below the bound, and are refused', () => {
  const units = unitRows([1, 0, 0, 1, 1, 1, 1, -1], 2, all(4));
  assert.throws(
    () =>
      overlapStatistics(
        units.map((x, i) => (i < 4 ? x : 0.5 * x)),
        2,
      ),
    /below Welch's bound/,
  );
  assert.throws(() => unitRows([0, 0], 2, [0]), /row 0 is zero/);
  assert.equal(overlapStatistics(unitRows([3, 4], 2, [0]), 2), undefined);
});

test('variances of random overlaps: m = 2 by its closed forms, large m by its limits', () => {
  near(randomSquaredOverlapVariance(2), 1 / 8, 1e-15);
  near(randomAbsoluteOverlapVariance(2), 1 / 2 - 4 / Math.PI ** 2, 1e-13);
  near(randomSquaredOverlapVariance(1000) * 1e6, 2, 0.01);
  near(randomAbsoluteOverlapVariance(1000) * 1000, 1 - 2 / Math.PI, 1e-3);
});

test('ambiguity: zero for the first m features in an orthonormal basis, 1 for nothing learned, the top eigenvalue otherwise', () => {
  const identity = new Float64Array(20 * 5);
  for (let i = 0; i < 5; i++) identity[i * 5 + i] = 1;
  near(ambiguity(identity, 20, 5), 0, 1e-12);
  near(ambiguity(new Float64Array(20 * 5), 20, 5), 1, 1e-12);
  const doubled = identity.map((x) => Math.SQRT2 * x);
  doubled[6 * 5] = 3;
  // Rows 0 and 6 share a direction: [[2 - 1, 3 sqrt 2], [3 sqrt 2, 9]].
  near(ambiguity(doubled, 20, 5), 5 + Math.sqrt(16 + 18), 1e-10);
});

test('ambiguity agrees with power iteration on the square of the dense matrix', () => {
  const n = 40;
  const m = 6;
  let state = 7;
  const w = Float64Array.from({ length: n * m }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 31 - 1;
  });
  const dense = (v: number[]): number[] =>
    v.map((_, i) => {
      let sum = i < m ? -v[i]! : 0;
      for (let j = 0; j < n; j++) for (let k = 0; k < m; k++) sum += w[i * m + k]! * w[j * m + k]! * v[j]!;
      return sum;
    });
  let v = all(n).map((i) => 1 + i / n);
  let value = 0;
  for (let step = 0; step < 400; step++) {
    const next = dense(dense(v));
    value = Math.sqrt(Math.hypot(...next));
    const norm = Math.hypot(...next);
    v = next.map((x) => x / norm);
  }
  near(ambiguity(w, n, m) / value, 1, 1e-9);
});
