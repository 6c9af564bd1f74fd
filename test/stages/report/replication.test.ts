import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import { publishedSweeps } from '../../../stages/report/claims/published-sources.ts';
import { replicationFigure } from '../../../stages/report/replication-figure.ts';
import { compareWithPublished, distanceOf, replicationSection } from '../../../stages/report/sections/replication.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { idealSources } from './ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const points = JSON.parse(readFileSync(join(root, 'params/published/points.json'), 'utf8')) as PublishedPointsContent;
const large = publishedSweeps(points).find(({ experiment }) => experiment === 'large')!;

/** Large models whose losses are the authors' times a factor, seed by seed. */
const times = (factors: readonly number[]) =>
  fitSweep(
    'large',
    [],
    large.models.flatMap((model) =>
      factors.map((factor, replicate) => ({ ...model, replicate, loss: factor * model.loss })),
    ),
  );

test('ours over theirs, and how far theirs is from our seeds', () => {
  const [, , , row] = replicationSection([times([1.1, 1.3, 1.2, 1.4, 1.05])], points);
  assert.match(row!, /\| loss, large models \| 1b, 1d \| × 1\.20 \| 48 \| 48 \| 1\.\d+ \| 100% \|/);
  const [, , , off] = replicationSection([times([1.99, 2, 2.01])], points);
  assert.match(off!, /\| × 2\.00 \| 48 \| 48 \| \d{3} \| 0% \|/);
  const [, , , single] = replicationSection([times([1.5])], points);
  assert.match(single!, /\| × 1\.50 \| 48 \| 0 \| – \| – \|/);
});

test('one more draw differs from the mean of seeds by their spread and the error of the mean', () => {
  assert.ok(Math.abs(distanceOf({ ours: [0, 1, 2], theirs: 3 }) - 2 / Math.sqrt(4 / 3)) < 1e-12);
});

test('a set of another scale has nothing to compare', () => {
  const [small] = idealSources().sweeps;
  assert.deepEqual(replicationSection([small!], points), []);
});

test('every figure whose points are known is compared where the set has it', () => {
  const theirs = publishedSweeps(points);
  const counts = compareWithPublished(theirs, points).map(({ figures, points: found }) => [figures, found.length]);
  assert.deepEqual(
    counts.map(([, count]) => Number(count) > 0),
    counts.map(() => true),
  );
  assert.deepEqual(counts[0], ['1b, 1d', 48]);
});

test('the figure has a dot for each point, a bar with three seeds, and red where theirs is beyond our interval', () => {
  const draw = (factors: readonly number[]): string =>
    replicationFigure(compareWithPublished([times(factors)], points));
  const count = (svg: string, what: RegExp): number => (svg.match(what) ?? []).length;
  const off = draw([1.99, 2, 2.01]);
  assert.equal(count(off, /<circle [^>]*fill="#c2452d"/g), 48);
  // ln 2 = 0.693 of the half plot of 240, right of its middle at 440.
  assert.equal(count(off, /<circle cx="606\.[34]"/g), 48);
  const single = draw([1.5]);
  assert.deepEqual([count(single, /<circle [^>]*fill="#30597a"/g), count(single, /stroke-opacity/g)], [48, 0]);
  assert.equal(count(draw([1.1, 1.3, 1.2, 1.4, 1.05]), /stroke-opacity/g), 48);
});
