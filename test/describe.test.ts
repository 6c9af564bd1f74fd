import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSet } from '../pipeline/describe.ts';
import type { Parameters } from '../pipeline/parameters.ts';

const training = { batch: 320, steps: 4000 } as Parameters['small']['training'];
const described = (small: Pick<Parameters['small'], 'alpha' | 'gamma' | 'm'>): string =>
  describeSet({
    small: { ...small, n: 320, training, unitRows: false },
    replicates: { small: { gamma: [], count: 1 }, large: { maximumM: 1, count: 1 } },
    readings: { finalLoss: 'fresh-data', unlearnedLoss: 'eq-4' },
    seed: 1,
  } as unknown as Parameters);

test('a set is described by the ends of its grids, in whatever order they are listed, and one value is one', () => {
  assert.match(
    described({ alpha: [2, 0, 1], gamma: { from: -5 / 9, to: 5 / 9, count: 2 }, m: [8, 16] }),
    /trains 12 models .*: 3 data exponents α from 0 to 2, 2 weight decays γ from −0\.556 to 0\.556, 4000 steps/,
  );
  assert.match(
    described({ alpha: [1], gamma: [-1], m: [10] }),
    /^The small sweep trains one model with n = 320 .*: one data exponent α = 1, one weight decay γ = −1, 4000 steps/,
  );
});
