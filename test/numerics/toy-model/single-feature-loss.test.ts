import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { singleFeatureLosses } from '../../../numerics/toy-model/single-feature-loss.ts';

test('Eq. 10 in closed form equals its integral over v, whatever the signs', () => {
  const n = 7;
  const m = 3;
  const entry = fc.double({ min: -1.5, max: 1.5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: n * m, maxLength: n * m }),
      fc.array(entry, { minLength: n, maxLength: n }),
      (W, b) => {
        const found = singleFeatureLosses(W, b, n, m);
        const steps = 4000;
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let s = 0; s < steps; s++) {
            const v = (2 * (s + 0.5)) / steps;
            for (let j = 0; j < n; j++) {
              let dot = 0;
              for (let k = 0; k < m; k++) dot += W[i * m + k]! * W[j * m + k]!;
              const y = Math.max(0, dot * v + b[j]!);
              sum += (y - (i === j ? v : 0)) ** 2;
            }
          }
          assert.ok(Math.abs(found[i]! - sum / steps) < 1e-4 * (1 + found[i]!), `${found[i]} is not ${sum / steps}`);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('a perfect feature costs nothing, an absent one its mean square 4/3', () => {
  assert.deepEqual(
    [...singleFeatureLosses([1, 0, 0, 0], [0, 0], 2, 2)].map((loss) => Math.round(loss * 1e12) / 1e12),
    [0, Math.round((4 / 3) * 1e12) / 1e12],
  );
});
