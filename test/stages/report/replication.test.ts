import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import { publishedSweeps } from '../../../stages/report/claims/published-sources.ts';
import { knownCauses } from '../../../stages/report/replication/causes.ts';
import { compareWithPublished } from '../../../stages/report/replication/compare.ts';
import { replicationFigure } from '../../../stages/report/replication/figure.ts';
import { distanceOf, isInside } from '../../../stages/report/replication/spread.ts';
import { replicationSection } from '../../../stages/report/sections/replication.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { idealSources } from './ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const points = JSON.parse(readFileSync(join(root, 'params/published/points.json'), 'utf8')) as PublishedPointsContent;
const theirs = publishedSweeps(points);
const large = theirs.find(({ experiment }) => experiment === 'large')!;
const figures = ['1b', '1d', '3a', '4a', '4b', '5b', '6c', '6e', '7a', '7b'];

/** Large models whose losses are the authors' times a factor, seed by seed. */
const times = (factors: readonly number[]) =>
  fitSweep(
    'large',
    [],
    large.models.flatMap((model) =>
      factors.map((factor, replicate) => ({ ...model, replicate, loss: factor * model.loss })),
    ),
  );
const report = (factors: readonly number[]): string => replicationSection([times(factors)], points).join('\n\n');

test('ours over theirs, and how far theirs is from our seeds, figure by figure', () => {
  const near = report([1.1, 1.3, 1.2, 1.4, 1.05]);
  for (const figure of ['1b', '1d'])
    assert.match(
      near,
      new RegExp(
        `\\| ${figure} \\| loss \\| × 1\\.20 \\| × 1\\.20 at γ = .*, m = \\d+ \\| 24 of 24 \\| 24 \\| 1\\.\\d+ \\| 0 \\|`,
      ),
    );
  assert.match(report([1.99, 2, 2.01]), /\| 1b \| loss \| × 2\.00 \| .* \| 24 of 24 \| 24 \| \d{3} \| 24 \|/);
  assert.match(report([1.5]), /\| 1b \| loss \| × 1\.50 \| .* \| 24 of 24 \| 0 \| – \| – \|/);
  for (const figure of figures) assert.ok(near.includes(`\n| ${figure} | `), figure);
  assert.match(near, /\| 6c \| .* \| – \| – \| 0 of 1 \| 0 \| – \| – \|/);
});

test('each point that differs by more than our seeds do is listed with its numbers and a cause, or not known', () => {
  assert.match(report([1.1, 1.3, 1.2, 1.4, 1.05]), /Nowhere: 0 of the 48 numbers .* 5% would be, 2\.40 of them/);
  const off = report([1.99, 2, 2.01]);
  assert.match(off, /48 of the 48 numbers with a spread are outside our 95% prediction interval/);
  const rows = off.split('\n').filter((line) => line.endsWith('| not known |'));
  assert.equal(rows.length, 48 - knownCauses.length);
  const { m, loss, frequencies } = large.models.find(({ gamma, alpha }) => gamma < 0 && alpha === null)!;
  const row = rows.find((line) => line.includes(`loss, γ = −1.00, ${frequencies}, m = ${m} |`))!;
  assert.match(row, new RegExp(`\\(3 seeds, a factor of 1\\.01\\) \\| ${loss.toPrecision(3)}`));
  assert.match(report([1.5]), /No number has 3 seeds here\. .*: 54 numbers with fewer than 3 seeds/);
});

test('one more draw differs from the mean of seeds by their spread, the error of the mean and that of the reading', () => {
  assert.ok(Math.abs(distanceOf({ ours: [0, 1, 2], theirs: 3, readingError: 0 }) - 2 / Math.sqrt(4 / 3)) < 1e-12);
  assert.ok(Math.abs(distanceOf({ ours: [0, 1, 2], theirs: 3, readingError: 2 }) - 2 / Math.sqrt(4 / 3 + 4)) < 1e-12);
  const close = { ours: [1, 1.0001, 0.9999], theirs: 1.002 };
  assert.deepEqual(
    [0, 1e-3].map((readingError) => isInside({ ...close, readingError })),
    [false, true],
  );
});

test('at another scale only what has a meaning without n is compared, and a difference has that as a cause', () => {
  const [small] = idealSources().sweeps;
  const text = replicationSection([small!], points).join('\n\n');
  assert.match(text, /\*\*The scale is another one: n is 256 where theirs have 1000 \(small\)\.\*\*/);
  assert.doesNotMatch(text, /replication\.svg/);
  for (const row of [
    /\| 3a \| φ½ \| .* at γ = .*, α = 1, m\/n = 0\.\d+ \| \d+ of 60 \| 0 \|/,
    /\| 4b \| αₘ \| .* at γ = .*, α = .* \| \d+ of 170 \| 0 \|/,
    /\| 5b \| mean \\\|αₘ − \(α − 1\)\\\| closest to no superposition \|/,
    /\| 6c \| median of φ₁ over min\(1, m²\/2n\) \| .* \| 1 of 1 \| 0 \|/,
  ])
    assert.match(text, row);
  const compared = compareWithPublished([small!], points);
  assert.ok(compared.every(({ sameScale, what }) => !sameScale && what !== 'loss'));
  const seeds = [0.9, 1, 1.1].flatMap((factor, replicate) =>
    small!.models.map((model) => ({ ...model, replicate, loss: factor * 5 * model.m ** (-5 - replicate / 1e3) })),
  );
  const off = replicationSection([fitSweep('small', [], seeds)], points).join('\n\n');
  assert.match(off, /\| 4b \| αₘ, .* \| not known; the models are of another scale, which may be all of it \|/);
});

test('every figure whose points are known is compared where the set has it, and a model counts once', () => {
  const counts = compareWithPublished(theirs, points).map(({ figure, points: found }) => [figure, found.length]);
  assert.deepEqual(
    counts.map(([figure]) => figure),
    figures,
  );
  // Fig. 7a has 90 points and 7b 30; 6c has 102 models, and 4b 170 cells less those at an end of its colours.
  const { exponents } = points.series;
  const inside = exponents.rows.filter(({ bound }) => !bound).length;
  assert.deepEqual(
    counts.map(([, count]) => count),
    [24, 24, 60, 6, inside, 9, 102, 51, 90, 30],
  );
  const shown = compareWithPublished(theirs, points).map(({ ofTheirs }) => ofTheirs);
  assert.deepEqual(shown, [24, 24, 60, 6, exponents.rows.length, 9, 102, 51, 90, 30]);
  // At E = 1 the small sweep and that of densities are the same models.
  const both = compareWithPublished(theirs, points).flatMap((series) => series.points);
  assert.ok(both.every(({ ours }) => ours.length === 1));
});

test('the figure has a dot for each point, a bar with three seeds, and red where theirs is beyond our interval', () => {
  const draw = (factors: readonly number[]): string =>
    replicationFigure(compareWithPublished([times(factors)], points).slice(0, 2));
  const count = (svg: string, what: RegExp): number => (svg.match(what) ?? []).length;
  const off = draw([1.99, 2, 2.01]);
  assert.equal(count(off, /<circle [^>]*fill="#c2452d"/g), 48);
  // ln 2 = 0.693 of the half plot of 240, right of its middle at 440.
  assert.equal(count(off, /<circle cx="606\.[34]"/g), 48);
  const single = draw([1.5]);
  assert.deepEqual([count(single, /<circle [^>]*fill="#30597a"/g), count(single, /stroke-opacity/g)], [48, 0]);
  assert.equal(count(draw([1.1, 1.3, 1.2, 1.4, 1.05]), /stroke-opacity/g), 48);
});

test('the longest label of the figure has its room, at 7 px a letter of 11 px', () => {
  const svg = replicationFigure(compareWithPublished(theirs, points));
  const labels = [...svg.matchAll(/<text x="(\d+)" y="[\d.]+" text-anchor="end">([^<]+)</g)];
  assert.ok(
    labels.some(([, , text]) => text!.length > 40),
    'one label is long',
  );
  for (const [, x, text] of labels) assert.ok(Number(x) >= 7 * text!.length, `"${text}" is cut at the left`);
});

test('a single number whose seeds are too few is one in the singular', () => {
  const [first] = large.models.filter(({ gamma }) => gamma < 0);
  const text = replicationSection([fitSweep('large', [], [{ ...first!, loss: 2 * first!.loss }])], points).join('\n\n');
  assert.match(text, /No number has 3 seeds here\. .*: 1 number with fewer than 3 seeds/);
});
