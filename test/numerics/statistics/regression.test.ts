import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitLine, fitParallelLines, fitPowerLaw, testEqualSlopes } from '../../../numerics/statistics/regression.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} to ${tolerance}`);
}

/** Norris, NIST Statistical Reference Datasets: y, x. */
const norris = [
  0.1, 0.2, 338.8, 337.4, 118.1, 118.2, 888.0, 884.6, 9.2, 10.1, 228.1, 226.5, 668.5, 666.3, 998.5, 996.3, 449.1, 448.6,
  778.9, 777.0, 559.2, 558.2, 0.3, 0.4, 0.1, 0.6, 778.1, 775.5, 668.8, 666.9, 339.3, 338.0, 448.9, 447.5, 10.8, 11.6,
  557.7, 556.0, 228.3, 228.1, 998.0, 995.8, 888.8, 887.6, 119.6, 120.2, 0.3, 0.3, 0.6, 0.3, 557.6, 556.8, 339.3, 339.1,
  888.0, 887.2, 998.5, 999.0, 778.9, 779.0, 10.2, 11.1, 117.6, 118.3, 228.9, 229.2, 668.4, 669.1, 449.2, 448.9, 0.2,
  0.5,
];

test('NIST Norris: slope, intercept, standard error and R^2 as certified', () => {
  const y = norris.filter((_, i) => i % 2 === 0);
  const x = norris.filter((_, i) => i % 2 === 1);
  const line = fitLine(x, y);
  near(line.slope, 1.00211681802045, 1e-12);
  near(line.intercept, -0.262323073774029, 1e-10);
  near(line.standardError, 0.429796848199937e-3, 1e-13);
  near(line.r2, 0.999993745883712, 1e-13);
});

test('Anscombe: four sets of points, one line', () => {
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const x4 = [8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8];
  const sets = [
    { x, y: [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68] },
    { x, y: [9.14, 8.14, 8.74, 8.77, 9.26, 8.1, 6.13, 3.1, 9.13, 7.26, 4.74] },
    { x, y: [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73] },
    { x: x4, y: [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89] },
  ];
  for (const set of sets) {
    const line = fitLine(set.x, set.y);
    near(line.slope, 0.5, 0.0005);
    near(line.intercept, 3, 0.005);
    near(line.standardError, 0.118, 0.0005);
    near(line.r2, 0.667, 0.001);
    near(line.low, 0.5 - 2.262 * 0.118, 0.001);
  }
});

test('an exact power law is recovered, whatever its prefactor', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      (exponent, prefactor) => {
        const m = [10, 15, 25, 39, 63, 100];
        const line = fitPowerLaw(
          m,
          m.map((v) => prefactor * v ** exponent),
        );
        near(line.slope, exponent, 1e-9);
        near(line.standardError, 0, 1e-7);
      },
    ),
  );
});

test('the slope within groups ignores their levels, which a pooled line does not', () => {
  const groups = [
    { x: [0, 1, 2], y: [10, 9, 8] },
    { x: [10, 11, 12], y: [30, 29, 28] },
  ];
  near(fitParallelLines(groups).slope, -1, 1e-12);
  assert.ok(
    fitLine(
      groups.flatMap((g) => g.x),
      groups.flatMap((g) => g.y),
    ).slope > 0,
  );
});

test('the test of equal slopes tells different slopes from noise', () => {
  const noise = [0.1, -0.2, 0.15, -0.05, 0.12, -0.1, 0.02, -0.04];
  const x = noise.map((_, i) => i);
  const group = (slope: number, flip: number) => ({ x, y: x.map((v, i) => slope * v + flip * noise[i]!) });
  assert.ok(testEqualSlopes([group(1, 1), group(1, -1)]).p > 0.2);
  assert.ok(testEqualSlopes([group(1, 1), group(1.5, -1)]).p < 1e-6);
});

test('two points give a line without uncertainty, one abscissa none', () => {
  const line = fitLine([1, 2], [3, 5]);
  assert.equal(line.slope, 2);
  assert.equal(line.high, Infinity);
  assert.throws(() => fitLine([1, 1], [3, 5]), /distinct abscissae/);
  assert.throws(() => fitPowerLaw([1, 2], [3, 0]), /log of 0/);
});
