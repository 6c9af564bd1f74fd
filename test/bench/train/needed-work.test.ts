import assert from 'node:assert/strict';
import { test } from 'node:test';
import { small } from '../../../bench/train/configurations.ts';
import { stretchAt } from '../../../bench/train/measure.ts';
import { neededWork } from '../../../bench/train/needed-work.ts';
import { startTraining } from '../../../bench/train/training.ts';

/** M = X^T dL/dz by the dense formulas: how many rows of it are of active features, and its nonzero elements there. */
function denseCounts(
  W: Float32Array,
  b: Float32Array,
  m: number,
  batch: readonly Float64Array[],
): { distinct: number; nonzero: number } {
  const n = b.length;
  const M = new Uint8Array(n * n);
  for (const x of batch) {
    const h = Float64Array.from({ length: m }, (_, k) => x.reduce((sum, value, i) => sum + value * W[i * m + k]!, 0));
    for (let j = 0; j < n; j++) {
      const z = h.reduce((sum, value, k) => sum + value * W[j * m + k]!, b[j]!);
      if (z > 0) for (let i = 0; i < n; i++) if (x[i]! > 0) M[i * n + j] = 1;
    }
  }
  const active = Array.from({ length: n }, (_, i) => batch.some((x) => x[i]! > 0));
  return { distinct: active.filter(Boolean).length, nonzero: M.reduce((sum, mark) => sum + mark, 0) };
}

test('the work counted is that of the dense formulas, wherever M is not zero', () => {
  const configuration = {
    ...small(1, -1, 5),
    n: 60,
    batch: 32,
    law: { frequencies: 'power-law', n: 60, alpha: 1, density: 1 },
  } as const;
  const training = startTraining(configuration, 3);
  for (const k of [1, 2, 3]) {
    const samples = training.samples(k);
    const dense = Array.from({ length: 32 }, (_, s) => {
      const x = new Float64Array(60);
      for (let e = samples.offsets[s]!; e < samples.offsets[s + 1]!; e++) x[samples.indices[e]!] = samples.values[e]!;
      return x;
    });
    const W = training.trainer.weights();
    const b = training.trainer.biases();
    const { distinct, nonzero } = denseCounts(W, b, 5, dense);
    const work = neededWork(W, b, 5, samples);
    assert.ok(nonzero > 0 && nonzero < distinct * 60);
    assert.equal(work.distinct, distinct);
    assert.equal(Math.round(work.density * distinct * 60), nonzero);
    assert.ok(Math.abs(work.products - (2 * distinct * 60 + 4 * nonzero) * 5) < 1e-6 * work.products);
    assert.equal(work.samples, 2 * 60 * samples.indices.length);
    training.step(k);
  }
});

test('looks at a schedule stand for all of its steps, however short it is', () => {
  for (const steps of [1, 10, 40, 200, 2000, 20000]) {
    let sum = 0;
    let looks = 0;
    for (let k = 1; k <= steps; k++) {
      const weight = stretchAt(k, steps);
      sum += weight;
      if (weight) looks++;
    }
    assert.equal(sum, steps);
    assert.ok(looks <= 40 && looks >= Math.min(steps, 40) / 4, `${looks} looks at ${steps} steps`);
  }
});
