/** models.csv read again: what a run has begun is no seed of a curve. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readModels } from '../../../bench/checks/read-models.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const [head, ...rows] = readFileSync(join(root, 'reports/paper/models.csv'), 'utf8').trimEnd().split('\n') as [
  string,
  ...string[],
];
const columns = head.split(',');
const of = (row: string, name: string): string => row.split(',')[columns.indexOf(name)]!;
const curve = rows.filter(
  (row) => of(row, 'experiment') === 'small' && of(row, 'alpha') === '0' && of(row, 'gamma').startsWith('-0.5555'),
);
const seeds = (some: readonly string[]) => {
  const [sweep] = readModels([head, ...some].join('\n'), []);
  const [fit] = sweep!.exponents;
  return [fit!.replicates!.count, fit!.replicates!.m.length, sweep!.models.length];
};

test('a seed that lacks an m is left out where another is whole', () => {
  const three = curve.filter((row) => Number(of(row, 'replicate')) < 3);
  assert.deepEqual(seeds(three), [3, 6, 18]);
  const begun = curve.filter((row) => Number(of(row, 'replicate')) < 2 || of(row, 'm') === '10');
  assert.deepEqual(seeds([...three, ...begun.filter((row) => !three.includes(row))]), [3, 6, 18]);
});

test('seeds that were planned at some m alone stay', () => {
  const narrow = curve.filter((row) => of(row, 'replicate') === '0' || Number(of(row, 'm')) <= 25);
  const count = new Set(narrow.map((row) => of(row, 'replicate'))).size;
  assert.deepEqual(seeds(narrow), [count, 3, narrow.length]);
});
