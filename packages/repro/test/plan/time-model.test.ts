import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedSeconds, fitTimeModel } from '../../src/plan/time-model.ts';

const timed = (costs: readonly number[], seconds: (cost: number, i: number) => number) =>
  costs.map((cost, i) => ({ cost, seconds: seconds(cost, i) }));
const near = (value: number, expected: number, tolerance: number): void => {
  assert.ok(Math.abs(value / expected - 1) <= tolerance, `${value}: expected ${expected} to within ${tolerance}`);
};

test('what every node takes and what its cost adds are told apart', () => {
  const model = fitTimeModel(timed([1, 2, 4, 8, 1000], (cost) => 0.3 + 0.002 * cost))!;
  near(model.fixedSeconds, 0.3, 1e-9);
  near(model.secondsPerCost, 0.002, 1e-9);
  near(expectedSeconds(model, 3, 50), 1, 1e-9);
});

test('tiny runs do not make large ones long: what is fixed is not scaled up', () => {
  const model = fitTimeModel(
    timed(
      Array.from({ length: 40 }, (_, i) => 1 + (i % 20)),
      (cost, i) => (0.05 + 0.001 * cost) * (i % 2 ? 1.02 : 0.98),
    ),
  )!;
  const large = 1e6;
  near(expectedSeconds(model, 1, large), 0.05 + 0.001 * large, 0.2);
});

test('a tenth of the nodes that were resumed, or ran on a busy machine, changes little', () => {
  const costs = Array.from({ length: 100 }, (_, i) => 10 + 3 * i);
  const model = fitTimeModel(
    timed(costs, (cost, i) => (0.5 + 0.01 * cost) * (i % 20 === 7 ? 0.05 : i % 20 === 13 ? 6 : 1 + 0.03 * Math.sin(i))),
  )!;
  near(model.secondsPerCost, 0.01, 0.05);
  near(model.fixedSeconds, 0.5, 0.2);
});

test('neither part is negative', () => {
  const growing = fitTimeModel(timed([1, 2, 4, 8], (cost) => cost * cost))!;
  assert.equal(growing.fixedSeconds, 0);
  assert.ok(growing.secondsPerCost > 0);
  const falling = fitTimeModel(timed([1, 2, 4, 8], (cost) => 3 - 0.2 * cost))!;
  assert.equal(falling.secondsPerCost, 0);
  assert.ok(falling.fixedSeconds > 1 && falling.fixedSeconds < 3);
});

test('costs that are all the same, or hardly any results: total seconds over total cost', () => {
  assert.deepEqual(fitTimeModel(timed([5, 5, 5, 5], (_, i) => 1 + i)), { fixedSeconds: 0, secondsPerCost: 0.5 });
  assert.deepEqual(fitTimeModel(timed([1, 100], (cost) => (cost === 1 ? 1 : 2))), {
    fixedSeconds: 0,
    secondsPerCost: 3 / 101,
  });
  assert.equal(fitTimeModel([]), undefined);
  assert.equal(
    fitTimeModel([
      { cost: NaN, seconds: 1 },
      { cost: 0, seconds: 1 },
    ]),
    undefined,
  );
});
