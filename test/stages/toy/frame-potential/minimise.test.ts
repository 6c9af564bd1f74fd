import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialWeights } from '../../../../numerics/toy-model/initial-weights.ts';
import { forEachPair, overlapStatistics, welchBoundSquared } from '../../../../numerics/geometry/overlaps.ts';
import { leastFramePotential, minimiseFramePotential } from '../../../../stages/toy/frame-potential/minimise.ts';

const minimum = (count: number, m: number, k0 = 1) =>
  minimiseFramePotential(initialWeights(count, m, { k0, k1: 2 }).W, m);

function overlaps(units: Float64Array, m: number): number[] {
  const found: number[] = [];
  forEachPair(units, m, (_i, _j, dot) => found.push(dot));
  return found;
}

const near = (actual: number, expected: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) < 1e-5, `${what}: ${actual}, expected ${expected}`);

test('three vectors in the plane are the equiangular frame, from any start: every overlap is the Welch bound', () => {
  for (let k0 = 0; k0 < 20; k0++) {
    for (const overlap of overlaps(minimum(3, 2, k0).units, 2)) near(Math.abs(overlap), 0.5, `start ${k0}`);
  }
});

test('m + 1 vectors in m dimensions are a simplex, up to signs', () => {
  for (const m of [3, 4, 7])
    for (const overlap of overlaps(minimum(m + 1, m).units, m)) near(Math.abs(overlap), 1 / m, `m = ${m}`);
});

test('no more vectors than dimensions become orthonormal', () => {
  for (const [count, m] of [
    [2, 2],
    [3, 3],
    [3, 5],
  ] as const)
    for (const overlap of overlaps(minimum(count, m).units, m)) near(overlap, 0, `${count} in ${m}`);
});

test('larger sets attain the Welch bound in the mean square, which random directions exceed', () => {
  for (const [count, m] of [
    [6, 3],
    [10, 4],
    [40, 8],
    [200, 15],
  ] as const) {
    const { units, potential, steps } = minimum(count, m);
    const bound = welchBoundSquared(count, m);
    const { meanSquare, maximumAbsolute } = overlapStatistics(units, m)!;
    assert.ok(Math.abs(meanSquare / bound - 1) < 1e-9, `${count} in ${m}: ${meanSquare}, bound ${bound}`);
    assert.ok(maximumAbsolute ** 2 >= bound * (1 - 1e-9));
    assert.ok(potential >= leastFramePotential(count, m) * (1 - 1e-12) && steps > 0);
    const random = randomMeanSquare(count, m);
    assert.ok(random / bound > 1.05, `random directions: ${random / bound}`);
  }
});

function randomMeanSquare(count: number, m: number): number {
  const start = initialWeights(count, m, { k0: 1, k1: 2 }).W;
  const units = Float64Array.from(start, (value, i) => {
    const row = start.subarray(Math.floor(i / m) * m, (Math.floor(i / m) + 1) * m);
    return value / Math.sqrt(row.reduce((sum, entry) => sum + entry * entry, 0));
  });
  return overlapStatistics(units, m)!.meanSquare;
}

test('directions that are a saddle point, or none at all, are an error that says so', () => {
  assert.throws(
    () => minimiseFramePotential([1, 0, 1, 0, 1, 0], 2),
    /^Error: the frame potential of 3 vectors in 2 dimensions is 9 after 100000 steps: expected 4\.5$/,
  );
  assert.throws(() => minimiseFramePotential([1, 0, 0, 0, 0, 1], 2), /row 1 is zero/);
});
