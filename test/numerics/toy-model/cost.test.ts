import assert from 'node:assert/strict';
import { timeTrainingSteps } from '../../../numerics/toy-model/calibration.ts';
import { test } from 'node:test';
import type { FrequencyLaw } from '../../../numerics/features/frequencies.ts';
import { batchActivity, trainingStepCost } from '../../../numerics/toy-model/work.ts';

const powerLaw = (n: number, alpha: number): FrequencyLaw => ({ frequencies: 'power-law', n, alpha, density: 1 });
const exponential: FrequencyLaw = { frequencies: 'exponential', n: 10240, scale: 400, firstIndex: 1, density: 1 };
const linear: FrequencyLaw = { frequencies: 'linear', n: 10240, firstIndex: 1, density: 1 };
const drawn = { initialBias: { standardDeviation: 1 } };

/** Milliseconds of a step, over all 20000 of the paper's schedule, as bench/train/README.md has them. */
const measured: readonly (readonly [law: FrequencyLaw, m: number, gamma: number, milliseconds: number])[] = [
  [powerLaw(1000, 0), 10, -1, 2.37],
  [powerLaw(1000, 0), 100, -1, 6.78],
  [powerLaw(1000, 1), 10, 1 / 3, 1.36],
  [powerLaw(1000, 1), 39, -1, 2.44],
  [powerLaw(1000, 1), 100, -1, 5.31],
  [powerLaw(1000, 2), 10, -1, 0.75],
  [powerLaw(1000, 2), 39, 1 / 3, 1.08],
  [powerLaw(10240, 1.2), 64, -1, 26.6],
  [powerLaw(10240, 1.2), 1024, -1, 300],
  [exponential, 64, -1, 47.1],
  [exponential, 1024, -1, 478],
  [linear, 1024, -1, 712],
];

test('the cost of a step follows what trainings took, over shapes whose times are a thousand apart', () => {
  const batch = 2048;
  const ratios = measured.map(([law, m, gamma, milliseconds]) => {
    const cost = trainingStepCost(batchActivity(law, batch), { ...drawn, n: law.n, m, batch, gamma });
    return (cost * 50e-9) / milliseconds;
  });
  for (const [i, ratio] of ratios.entries()) assert.ok(ratio > 1 / 1.5 && ratio < 1.5, `row ${i}: ${ratio}`);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  assert.ok(Math.abs(mean - 1) < 0.15, `mean ${mean}`);
});

test('a feature that is always active, and samples of several features, cost more', () => {
  const law = (density: number): FrequencyLaw => ({ ...powerLaw(320, 1), density });
  const largest = 1 / (1 / Array.from({ length: 320 }, (_, i) => 1 / (i + 1)).reduce((sum, p) => sum + p, 0));
  const cost = (density: number): number =>
    trainingStepCost(batchActivity(law(density), 320), { ...drawn, n: 320, m: 32, batch: 320, gamma: -1 });
  // 5.3 and 4.1 CPU seconds in `quick`, against 1.8 at E = 1.
  assert.ok(cost(largest) > 2 * cost(1) && cost(largest) < 4 * cost(1), `${cost(largest) / cost(1)}`);
  assert.ok(cost(3.674) > 1.4 * cost(1) && cost(3.674) < 3 * cost(1), `${cost(3.674) / cost(1)}`);
});

test('a calibration times the paper’s small models and those of quick, at three widths each', () => {
  const timed = timeTrainingSteps();
  assert.equal(timed.length, 6);
  for (const { work, seconds } of timed) assert.ok(work > 0 && seconds > 0);
  // A step of the former costs several times as much as one of the latter.
  assert.ok(Math.min(...timed.slice(0, 3).map(({ work }) => work)) > 2 * Math.min(...timed.map(({ work }) => work)));
});
