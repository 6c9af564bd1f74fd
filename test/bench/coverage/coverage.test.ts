import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverage, curves } from '../../../bench/coverage/curves.ts';
import type { Curve } from '../../../bench/coverage/curves.ts';
import { generator } from '../../../bench/power/simulate.ts';

test('intervals by the spread between seeds cover what they state; those of one fit do not', () => {
  const [normal, , strays, bent] = curves as [Curve, Curve, Curve, Curve];
  // 1000 draws: a standard error of 0.7%.
  for (const curve of [normal, strays]) {
    for (const seeds of [3, 5]) {
      const { covered } = coverage(curve, seeds, 1000, generator(seeds));
      assert.ok(covered > 0.93 && covered < 0.97, `${curve.name}: ${covered} with ${seeds} seeds`);
    }
  }
  // The residuals of a bent curve are no noise: its interval is far too wide for what another seed would give.
  const fit = coverage(bent, 1, 200, generator(1));
  const seeds = coverage(bent, 5, 200, generator(1));
  assert.equal(fit.covered, 1);
  assert.ok(fit.meanHalfWidth > 3 * seeds.meanHalfWidth);
});
