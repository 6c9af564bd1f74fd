import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstError } from 'repro';
import type { ValueOf } from 'repro';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import { PublishedPoints } from '../../../stages/published/points.ts';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import type { PublishedFigures } from '../../../stages/report/beyond/published.ts';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(process.env['REPRO_TEST_ROOT']!, 'params/published', name), 'utf8'));
const { series } = read('points.json') as PublishedPointsContent;
const facts = read('figures.json') as ValueOf<typeof PublishedFigures>;

test("the authors' points have the declared form, each series with its figures and its error", () => {
  assert.equal(firstError(PublishedPoints.schema!, read('points.json')), undefined);
  const counts = Object.fromEntries(Object.entries(series).map(([name, { rows }]) => [name, rows.length]));
  assert.deepEqual(counts, {
    largeLosses: 48,
    representedFractions: 60,
    representedCorrelations: 8,
    largeFits: 6,
    exponents: 170,
    exponentsClosestToNoSuperposition: 9,
    stronglyRepresentedFractions: 102,
    strongExponents: 51,
    lossesByDensity: 90,
    lossesByWidthAndDensity: 30,
    languageLosses: 108,
    languageOverlaps: 25,
  });
});

test('lines through the points have the exponents and R² that are cited of the figures', () => {
  for (const { frequencies, regime, exponent, r2, m } of facts.large) {
    const rows = series.largeLosses.rows.filter(
      (row) => row.frequencies === frequencies && row.regime === regime && m.includes(row.m),
    );
    const line = fitPowerLaw(
      rows.map((row) => row.m),
      rows.map((row) => row.loss),
    );
    assert.ok(Math.abs(-line.slope - exponent) < 1e-3, `${frequencies} ${regime}: ${-line.slope}`);
    assert.ok(Math.abs(line.r2 - r2) < 1e-3, `${frequencies} ${regime}: ${line.r2}`);
    const drawn = series.largeFits.rows.find((row) => row.frequencies === frequencies && row.regime === regime)!;
    assert.ok(Math.abs(drawn.r2 - r2) < 2e-3);
  }
});

test('the heat map of exponents and the points of Fig. 6e agree, within how exactly each was read', () => {
  for (const { gamma, alpha, exponent } of series.strongExponents.rows) {
    const cell = series.exponents.rows.find(
      (row) => Math.abs(row.gamma - gamma) < 1e-6 && Math.abs(row.alpha - alpha) < 1e-6,
    )!;
    if (!cell.bound) assert.ok(Math.abs(cell.exponent - exponent) < 0.009, `${gamma} ${alpha}: ${cell.exponent}`);
  }
});
