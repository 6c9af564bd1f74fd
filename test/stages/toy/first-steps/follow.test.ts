import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalBias } from '../../../../numerics/toy-model/initial-weights.ts';
import { outputLosses } from '../../../../numerics/toy-model/reference/reference-trainer.ts';
import { follow, unitStates } from '../../../../stages/toy/first-steps/follow.ts';
import type { FirstSteps } from '../../../../stages/toy/first-steps/follow.ts';
import { unitsToFollow } from '../../../../stages/toy/first-steps/units.ts';

const key = { k0: 5, k1: 7 };
const settings: FirstSteps = {
  ...{ n: 24, m: 4, alpha: 1, gamma: -5 / 9, batch: 32, steps: 30, warmup: 3, peakRate: 0.05 },
  ...{ every: 10, probes: 64 },
};
const zeroBias = { mean: 0, standardDeviation: 0 };

test("a unit's gradient is that of its own squared error by differences, and zero exactly where it never fires", () => {
  const W = [
    [0.9, -0.2],
    [0.3, 1.1],
    [-0.8, 0.4],
  ];
  const b = [-0.1, 0.2, -9];
  const X = [
    [1.3, 0, 0],
    [0, 0.7, 0.4],
    [0, 0, 1.9],
    [0.5, 1.6, 0],
  ];
  const h = 1e-6;
  const differences = W.map((row, i) => {
    const loss = (j: number, change: number): number => {
      const moved = W.map((other, o) => (o === i ? other.map((value, k) => value + (k === j ? change : 0)) : other));
      const biases = b.map((value, o) => value + (o === i && j === row.length ? change : 0));
      return outputLosses(moved, biases, X)[i]!;
    };
    return Math.hypot(...[0, 1, 2].map((j) => (loss(j, h) - loss(j, -h)) / (2 * h)));
  });
  const states = unitStates(W, b, X);
  states.forEach(({ gradient }, i) => assert.ok(Math.abs(gradient - differences[i]!) < 1e-7, `unit ${i}`));
  assert.deepEqual(
    states.map(({ fires, gradient }) => [fires > 0, gradient > 0]),
    [
      [true, true],
      [true, true],
      [false, false],
    ],
  );
  assert.equal(states[2]!.gradient, 0);
  assert.ok(Math.abs(states[0]!.norm - Math.hypot(0.9, -0.2)) < 1e-12);
});

test('both trainings begin with the same W, each with its own biases, and end apart', () => {
  const normal = follow(settings, key, normalBias);
  const zero = follow(settings, key, zeroBias);
  assert.deepEqual(normal.initialWeights, zero.initialWeights);
  assert.equal(normal.looks.length, 4);
  assert.ok(zero.looks[0]!.every(({ bias }) => bias === 0));
  assert.ok(new Set(normal.looks[0]!.map(({ bias }) => bias)).size === settings.n);
  // The same model from the same biases is the same to the last bit: the samples do not depend on what is drawn.
  assert.deepEqual(follow(settings, key, zeroBias), zero);
  assert.notDeepEqual(normal.looks[3], zero.looks[3]);
  for (const { looks } of [normal, zero])
    for (const { fires, gradient } of looks.flat()) assert.equal(gradient > 0, fires > 0);
});

test('followed are units that fall silent, of the lowest first biases, and one near in rank that lives', () => {
  const unit = (bias: number, fires: number) => ({ bias, norm: 1, fires, gradient: fires });
  const first = [unit(0.1, 9), unit(-2, 0), unit(-1, 5), unit(-0.5, 5), unit(-1.5, 5), unit(0.3, 8), unit(-0.9, 4)];
  const last = [unit(0, 9), unit(-2, 0), unit(-1, 0), unit(-1, 0), unit(-1, 0), unit(0, 8), unit(0, 3)];
  assert.deepEqual(unitsToFollow([first, last]), [4, 2, 5]);
  // Where none dies, the lowest first biases.
  assert.deepEqual(unitsToFollow([first, first]), [1, 4, 0]);
});
