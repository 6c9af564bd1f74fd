import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrap } from '../../../numerics/statistics/bootstrap.ts';
import { fitLossLaw } from '../../../numerics/statistics/loss-law.ts';
import type { LossPoint } from '../../../numerics/statistics/loss-law.ts';
import { standardDeviation } from '../../../numerics/statistics/moments.ts';

const widths = { a: [512, 768, 1024, 2048, 4096], b: [896, 1536, 2048, 8192], c: [768, 1024, 1280, 1600] };

/** Sixteen groups would do as well; three classes on two data sets, at exponent a. */
function points(a: number, c: number, noise: () => number = () => 0): LossPoint[] {
  return Object.entries(widths).flatMap(([name, list], k) =>
    ['wikitext', 'pile'].flatMap((dataset, d) =>
      list.map((m) => ({ m, group: `${name} ${dataset}`, loss: c / m ** a + 1.5 + 0.3 * k + 0.1 * d + noise() })),
    ),
  );
}

/** Normal deviates by Box and Muller from a small generator of its own. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 4294967296;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

for (const [a, c] of [
  [0.91, 476.5],
  [0.3, 12],
  [2.4, 3e7],
] as const) {
  test(`Eq. 8 finds an exponent of ${a} and every constant where there is no noise`, () => {
    const law = fitLossLaw(points(a, c));
    assert.ok(Math.abs(law.exponent - a) < 1e-9 * a, String(law.exponent));
    assert.ok(Math.abs(law.coefficient - c) < 1e-7 * c, String(law.coefficient));
    assert.ok(Math.abs(law.offsets['b pile']! - 1.9) < 1e-9, String(law.offsets['b pile']));
    assert.equal(law.parameters, 8);
    assert.equal(law.points, 26);
    assert.ok(law.meanSquareError < 1e-20);
  });
}

test('the standard errors of a and C are those of repeated experiments', () => {
  const sigma = 0.03;
  const normal = normals(7);
  const laws = Array.from({ length: 400 }, () => fitLossLaw(points(0.9, 450, () => sigma * normal())));
  const scatter = standardDeviation(laws.map(({ exponent }) => exponent));
  const claimed = Math.sqrt(laws.reduce((sum, { standardError }) => sum + standardError ** 2, 0) / laws.length);
  assert.ok(Math.abs(claimed / scatter - 1) < 0.12, `claimed ${claimed}, found ${scatter}`);
  // C is far from normal; its logarithm is nearly so.
  const relative = standardDeviation(laws.map(({ coefficient }) => Math.log(coefficient)));
  const law = fitLossLaw(points(0.9, 450, () => 0));
  assert.equal(law.coefficientError < 1e-6, true);
  const typical = laws
    .map(({ coefficientError, coefficient }) => coefficientError / coefficient)
    .sort((x, y) => x - y)[200]!;
  assert.ok(Math.abs(typical / relative - 1) < 0.15, `claimed ${typical}, found ${relative}`);
  const covered = laws.filter(({ low, high }) => low <= 0.9 && 0.9 <= high).length / laws.length;
  assert.ok(covered > 0.91 && covered < 0.985, `${covered} of the 95% intervals hold the exponent`);
});

test('a constant for each group is free: raising one group changes only its constant', () => {
  const normal = normals(3);
  const noisy = points(0.9, 450, () => 0.02 * normal());
  const raised = noisy.map((point) => (point.group === 'a pile' ? { ...point, loss: point.loss + 5 } : point));
  const [before, after] = [fitLossLaw(noisy), fitLossLaw(raised)];
  assert.ok(Math.abs(before.exponent - after.exponent) < 1e-9);
  assert.ok(Math.abs(after.offsets['a pile']! - before.offsets['a pile']! - 5) < 1e-9);
});

test('the order of the points does not matter, and what cannot be fitted is said', () => {
  const normal = normals(11);
  const noisy = points(0.9, 450, () => 0.02 * normal());
  assert.ok(Math.abs(fitLossLaw(noisy).exponent - fitLossLaw([...noisy].reverse()).exponent) < 1e-12);
  assert.throws(
    () =>
      fitLossLaw([
        { m: 512, loss: 3, group: 'a' },
        { m: 768, loss: 3, group: 'b' },
      ]),
    /two widths in a group/,
  );
  assert.throws(() => fitLossLaw([{ m: 512, loss: Number.NaN, group: 'a' }]), /expected finite numbers/);
});

test('the bootstrap of a mean has the known error, keeps strata, and is the same each time', () => {
  const normal = normals(5);
  const values = Array.from({ length: 60 }, normal);
  const average = (sample: readonly number[]): number => sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const key = { k0: 1, k1: 2 };
  const found = bootstrap([values], 2000, key, average);
  const known = standardDeviation(values) / Math.sqrt(60);
  assert.ok(Math.abs(found.standardError / known - 1) < 0.08, `${found.standardError}, expected about ${known}`);
  assert.ok(found.low < average(values) && average(values) < found.high);
  assert.deepEqual(bootstrap([values], 2000, key, average), found);
  assert.notEqual(bootstrap([values], 2000, { k0: 1, k1: 3 }, average).standardError, found.standardError);
  bootstrap(
    [
      [1, 2, 3],
      [10, 20],
    ],
    50,
    key,
    (sample) => {
      assert.equal(sample.filter((value) => value < 10).length, 3);
      return average(sample);
    },
  );
  // A draw that determines nothing is left out; an error of another kind is not swallowed.
  let calls = 0;
  const partial = bootstrap([values], 100, key, (sample) => {
    if (calls++ % 2) throw new RangeError('nothing');
    return average(sample);
  });
  assert.equal(partial.draws, 50);
  assert.throws(
    () =>
      bootstrap([values], 100, key, () => {
        throw new TypeError('bug');
      }),
    TypeError,
  );
});
