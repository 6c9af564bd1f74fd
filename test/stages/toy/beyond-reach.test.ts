import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalQuantile } from '../../../numerics/statistics/distributions.ts';
import { beyondReach, expectedIfSilent, ifSilent } from '../../../stages/toy/beyond-reach.ts';

test('beyond reach are the features whose first bias was below −2, and theirs are the frequencies and losses', () => {
  const measured = {
    initialBias: [0.3, -2.1, -2, -1.9, -4],
    frequency: [0.4, 0.3, 0.15, 0.1, 0.05],
    outputLoss: [1, 2, 4, 8, 16],
  };
  const found = beyondReach(measured);
  assert.equal(found.loss, 2 + 16);
  assert.ok(Math.abs(found.frequency - 0.35) < 1e-12 && Math.abs(found.fraction - 2 / 5) < 1e-12);
  assert.ok(Math.abs(ifSilent(found) - (4 / 3) * 0.35) < 1e-12);
  assert.deepEqual(beyondReach({ ...measured, initialBias: [0, 0, 0, 0, 0] }), { fraction: 0, frequency: 0, loss: 0 });
});

test('in expectation, their loss is that of features that never fire, weighted by how often a normal bias is so low', () => {
  const n = 100_000;
  let low = 0;
  for (let i = 0; i < n; i++) low += normalQuantile((i + 0.5) / n) < -2 ? 1 : 0;
  // x = u v, v uniform in (0, 2): the mean square of v is 4/3, and of all x together 4/3 Σ p_i.
  const expected = (low / n) * (4 / 3) * 2.5;
  assert.ok(Math.abs(expectedIfSilent(2.5) - expected) < 1e-4, `${expectedIfSilent(2.5)} against ${expected}`);
});
