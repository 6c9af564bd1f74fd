import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowStart } from '../../../stages/toy/low-start.ts';

const measured = {
  // The second is dead: -2.1 + 2 is not above 0.
  bias: [-0.5, -2.1, -0.5, -0.5],
  rowNorm: [1, 1, 1, 1],
  initialBias: [-1.5, -1.5, -1, 0.3],
  frequency: [0.1, 0.5, 0.2, 0.2],
  outputLoss: [3, 100, 1, 2],
};

test('of the live features, those that began with a bias below −1: their shares of the frequency and of the loss', () => {
  const found = lowStart(measured)!;
  assert.ok(Math.abs(found.frequency - 0.2) < 1e-12 && Math.abs(found.loss - 0.5) < 1e-12, JSON.stringify(found));
});

test('there are none where all biases begin at 0, and nothing is said without a live feature', () => {
  assert.deepEqual(lowStart({ ...measured, initialBias: [0, 0, 0, 0] }), { frequency: 0, loss: 0 });
  assert.equal(lowStart({ ...measured, bias: [-3, -3, -3, -3] }), null);
});
