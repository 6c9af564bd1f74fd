import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSummary } from '../../../../stages/toy/artifacts.ts';
import { fitSweep, missingModels } from '../../../../stages/toy/fit-exponents/fit.ts';

function model(cell: Partial<ModelSummary>): ModelSummary {
  return {
    frequencies: 'power-law', alpha: 1, n: 1000, density: 1, gamma: -1, batch: 8, steps: 9, projection: 'none', replicate: 0,
    initialBias: { mean: 0, standardDeviation: 1 }, lossScale: 1, epsilon: 1e-8, ambiguity: 1, ...cell,
  } as ModelSummary; // prettier-ignore
}

const widths = [10, 15, 25, 39, 63, 100];

test('each cell gets its exponent; the order of the measurements does not matter', () => {
  const models = [-1, 0.5].flatMap((gamma) =>
    [0.5, 1].flatMap((alpha) =>
      widths.map((m) => model({ gamma, alpha, m, loss: 3 * m ** -(alpha + gamma + 1), ambiguity: m / 10 })),
    ),
  );
  const sweep = fitSweep('small', [], models);
  assert.equal(sweep.exponents.length, 4);
  for (const { exponent, alpha, gamma, r2, maximumAmbiguity, m, low, high } of sweep.exponents) {
    assert.ok(Math.abs(exponent - (alpha! + gamma + 1)) < 1e-12);
    assert.ok(r2 > 1 - 1e-12 && low <= exponent && exponent <= high);
    assert.equal(maximumAmbiguity, 10);
    assert.deepEqual(m, widths);
  }
  assert.deepEqual(fitSweep('small', [], [...models].reverse()), sweep);
});

test('the interval is exponent minus and plus t times the standard error', () => {
  const noise = [0.1, -0.1, 0.05, -0.05, 0.02, -0.02];
  const { exponents } = fitSweep(
    'small',
    [],
    widths.map((m, i) => model({ m, loss: Math.exp(noise[i]!) / m })),
  );
  const { exponent, standardError, low, high } = exponents[0]!;
  assert.ok(Math.abs(high - exponent - 2.7764451 * standardError) < 1e-7);
  assert.ok(Math.abs(exponent - low - 2.7764451 * standardError) < 1e-7);
});

test('the points of App. D.1: only m >= 64 for weak power-law frequencies, all for others', () => {
  const m = [8, 16, 32, 64, 128, 256, 512, 1024];
  const ranges = [{ frequencies: 'power-law', superposition: 'weak', minimumM: 64 }] as const;
  const cells = (gamma: number) => m.map((width) => model({ gamma, m: width, loss: width < 64 ? 1 : 64 / width }));
  const sweep = fitSweep('large', ranges, [...cells(0.1), ...cells(-1)]);
  const [strong, weak] = sweep.exponents;
  assert.deepEqual(weak!.m, [64, 128, 256, 512, 1024]);
  assert.ok(Math.abs(weak!.exponent - 1) < 1e-12);
  assert.deepEqual(strong!.m, m);
});

test('the exponent of a cell is the mean over its seeds, and its error their spread', () => {
  const models = [0, 1, 2].flatMap((replicate) =>
    widths.map((m) => model({ m, replicate, loss: m ** -(1 + 0.1 * replicate), ambiguity: 1 + replicate })),
  );
  const { exponents } = fitSweep('small', [], models);
  assert.equal(exponents.length, 1);
  assert.ok(Math.abs(exponents[0]!.exponent - 1.1) < 1e-12);
  assert.equal(exponents[0]!.maximumAmbiguity, 2);
  assert.equal(exponents[0]!.errorFrom, 'seeds');
  assert.ok(Math.abs(exponents[0]!.standardError - 0.1 / Math.sqrt(3)) < 1e-12);
  assert.ok(Math.abs(exponents[0]!.high - 1.1 - (1.08 * 4.3026527 * 0.1) / Math.sqrt(3)) < 1e-7);
  // The line itself is straight: the error of its fit is none, and so is its curvature.
  assert.ok(exponents[0]!.fit.standardError < 1e-12);
  assert.ok(Math.abs(exponents[0]!.curvature!.value) < 1e-12);
  assert.equal(exponents[0]!.replicates!.count, 3);
  assert.ok(Math.abs(exponents[0]!.replicates!.mean - 1.1) < 1e-12);
  assert.ok(Math.abs(exponents[0]!.replicates!.standardError - 0.1 / Math.sqrt(3)) < 1e-12);
  // Student's t with two degrees of freedom, and room for seeds that stray.
  assert.ok(Math.abs(exponents[0]!.replicates!.high - 1.1 - (1.08 * 4.3026527 * 0.1) / Math.sqrt(3)) < 1e-7);
  assert.ok(Math.abs(exponents[0]!.replicates!.low - 1.1 + (1.08 * 4.3026527 * 0.1) / Math.sqrt(3)) < 1e-7);
  assert.deepEqual(
    exponents[0]!.replicates!.exponents.map((found) => Number(found.toFixed(9))),
    [1, 1.1, 1.2],
  );
});

test('seeds that stop at some m say how far the exponent is known; the line goes through all m', () => {
  const m = [8, 16, 32, 64, 128, 256, 512, 1024];
  const first = m.map((width) => model({ m: width, loss: (width > 256 ? 5 : 1) * width ** -1 }));
  const others = [1, 2].flatMap((replicate) =>
    m.slice(0, 6).map((width) => model({ m: width, replicate, loss: width ** -(1 + 0.1 * replicate) })),
  );
  const { replicates, ...fit } = fitSweep('large', [], [...first, ...others]).exponents[0]!;
  assert.deepEqual(replicates!.m, m.slice(0, 6));
  assert.equal(replicates!.count, 3);
  assert.ok(Math.abs(replicates!.mean - 1.1) < 1e-12);
  assert.ok(Math.abs(replicates!.standardError - 0.1 / Math.sqrt(3)) < 1e-12);
  const means = m.map((width) => model({ m: width, loss: (width > 256 ? 5 : width ** -0.1) * width ** -1 }));
  const line = fitSweep('large', [], means).exponents[0]!;
  assert.ok(Math.abs(fit.exponent - line.exponent) < 1e-12);
  assert.deepEqual(fit.m, m);
  assert.equal(fit.errorFrom, 'seeds');
  assert.ok(Math.abs(fit.high - fit.low - (replicates!.high - replicates!.low)) < 1e-12);
  assert.ok(Math.abs((fit.high + fit.low) / 2 - fit.exponent) < 1e-12);
  const few = fitSweep('large', [], [...first, ...others.filter((other) => other.m <= 16)]).exponents[0]!;
  assert.equal(few.replicates, null);
  assert.equal(few.errorFrom, 'fit');
  const two = [...first, ...others.filter(({ replicate }) => replicate === 1)];
  assert.equal(fitSweep('large', [], two).exponents[0]!.errorFrom, 'fit', 'two seeds have no spread to speak of');
});

test('a curve that bends says so, and a straight one does not', () => {
  const bent = widths.map((m) => model({ m, loss: m ** -1 * Math.exp(-0.1 * Math.log(m) ** 2) }));
  const { curvature } = fitSweep('x', [], bent).exponents[0]!;
  assert.ok(Math.abs(curvature!.value + 0.1) < 1e-9);
  assert.ok(curvature!.standardError < 1e-9);
  assert.equal(fitSweep('x', [], bent.slice(0, 3)).exponents[0]!.curvature, null);
});

test('other batches, steps or densities are other cells; two points are no fit; a model twice is an error', () => {
  const at = (cell: Partial<ModelSummary>) => widths.map((m) => model({ m, loss: 1 / m, ...cell }));
  assert.equal(
    fitSweep('x', [], [...at({}), ...at({ batch: 16 }), ...at({ steps: 10 }), ...at({ density: 2 })]).exponents.length,
    4,
  );
  const zero = { initialBias: { mean: 0, standardDeviation: 0 } };
  assert.equal(
    fitSweep('x', [], [...at({}), ...at(zero), ...at({ lossScale: 1000 }), ...at({ epsilon: 1e-4 })]).exponents.length,
    4,
  );
  assert.equal(fitSweep('x', [], at({}).slice(0, 2)).exponents.length, 0);
  assert.throws(
    () => fitSweep('x', [], [...at({}), ...at({})]),
    /two measurements of one model: frequencies power-law, alpha 1, gamma -1, density 1, m 10/,
  );
});

test('what a run left out: a curve that lacks an m is not fitted, a seed that lacks one has no part in the fit', () => {
  const planned = [0.5, 1].flatMap((alpha) =>
    widths.flatMap((m) => [0, 1, 2].map((replicate) => model({ alpha, m, replicate, loss: m ** -(1 + replicate) }))),
  );
  const cells = planned.map(({ loss: _, ambiguity: __, ...cell }) => cell);
  const without = (left: (cell: ModelSummary) => boolean) => {
    const there = planned.filter((cell) => !left(cell));
    return fitSweep('small', [], there, missingModels('small', cells, there));
  };
  const whole = without(() => false);
  assert.equal('missing' in whole, false, 'a sweep that is whole has the bytes that it always had');
  assert.equal(whole.exponents.length, 2);

  const oneCurve = without(({ alpha, m }) => alpha === 1 && m === 25);
  assert.deepEqual(
    oneCurve.exponents.map(({ alpha }) => alpha),
    [0.5],
  );
  assert.deepEqual(
    oneCurve.missing!.map(({ alpha, m, replicate }) => [alpha, m, replicate]),
    [0, 1, 2].map((replicate) => [1, 25, replicate]),
  );

  const oneSeed = without(({ alpha, m, replicate }) => alpha === 1 && m === 25 && replicate === 2);
  const fit = oneSeed.exponents.find(({ alpha }) => alpha === 1)!;
  assert.equal(fit.replicates!.count, 2);
  assert.ok(Math.abs(fit.exponent - 1.5) < 1e-12, 'the mean over the two seeds that are whole');

  const other = model({ alpha: 2, m: 10, loss: 1 });
  assert.throws(
    () => missingModels('small', cells, [other]),
    /small: a measurement of .*alpha 2.*: expected a model of/,
  );
});
