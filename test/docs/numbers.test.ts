import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ruleConstants } from 'repro/claims';
import { welchBoundSquared } from '../../numerics/geometry/overlaps.ts';
import { fewestSeeds, meanInterval, seedInterval } from '../../numerics/statistics/mean-interval.ts';
import { deviations, readingNotes } from '../../stages/report/notes.ts';
import { leastTrue, mostFalse } from '../../stages/report/power.ts';
import { closestToNoSuperposition } from '../../stages/toy/closest-to-no-superposition.ts';
import type { ExponentFit } from '../../stages/toy/model-summary.ts';

/** Numbers in documents and in fixed sentences of the report: each is in the code, in params/ or in a table. */
const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const json = (path: string): unknown => JSON.parse(read(path));
const has = (text: string, sentences: readonly string[]): void => {
  const plain = text.replace(/\s+/g, ' ');
  for (const sentence of sentences) assert.ok(plain.includes(sentence), sentence);
};

const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const percent = (share: number): string => `${Math.round(100 * share)}%`;
const { series } = json('params/published/points.json') as { series: Record<string, { rows: { regime?: string }[] }> };
const points = (name: string): number => series[name]!.rows.length;

test('docs/protocol.md has the constants of the rules', () => {
  const { definedShare, designShare, fewestCells } = ruleConstants;
  assert.equal(designShare, 1 / 4);
  has(read('docs/protocol.md'), [
    `at least ${percent(definedShare)} of the set's cells for it have a value`,
    `at least a quarter of the cells of the paper's design: never fewer than ${fewestCells}`,
    `with less than ${percent(definedShare)} of them a part is inconclusive`,
    `From ${words[fewestSeeds]} seeds on, the error of a cell is their spread`,
    `with probability ${leastTrue} or more, and the smallest false one that would matter with ${mostFalse} or less`,
  ]);
  has(read('README.md'), [`a rule counts only where at least ${percent(definedShare)} of its cells are there`]);
});

test('docs/figures-compared.md has the counts of the authors’ points', () => {
  const losses = (regime: string): number => series['largeLosses']!.rows.filter((row) => row.regime === regime).length;
  assert.equal(losses('weak'), losses('strong'));
  const closest = points('exponentsClosestToNoSuperposition');
  const quick = json('params/quick.json') as { density: { gamma: unknown[] } };
  const paper = json('params/paper.json') as { small: { gamma: { count: number } } };
  has(read('docs/figures-compared.md'), [
    `the authors' ${losses('weak')} losses are hollow`,
    `the authors' ${points('representedFractions')} points, joined by model dimension`,
    `the authors' ${words[closest]} points, without their error bars`,
    `the authors' ${points('stronglyRepresentedFractions')} points, moved to equal m²/2n`,
    `the authors' ${points('strongExponents') + closest} points.`,
    `${words[quick.density.gamma.length]} γ instead of ${words[paper.small.gamma.count]}.`,
  ]);
});

test('the report’s fixed sentences have the paper’s and the scripts’ numbers', () => {
  const paper = json('params/paper.json') as {
    small: { n: number; m: number[] };
    large: { training: { batch: number; steps: number } };
  };
  const scripts = json('params/paper-scripts.json') as typeof paper;
  const steps = (of: typeof paper): string => of.large.training.steps.toLocaleString('en');
  has(deviations.join(' '), [
    `batch ${paper.large.training.batch} and ${steps(paper)} steps in the text, ${scripts.large.training.batch} and ${steps(scripts)} by default in the scripts`,
  ]);
  const { n, m: widths } = paper.small;
  const random = widths.map((m) => 1 / (m * welchBoundSquared(Math.min(n, Math.floor((m * m) / 2)), m)));
  const cells = points('exponents');
  const fits = Array.from({ length: cells }, (_, i) => ({ alpha: 1, gamma: i, maximumAmbiguity: i }) as ExponentFit);
  const fewest = closestToNoSuperposition(fits.slice(0, 10)).length;
  const around = [1, 2, 4];
  const wider = (seedInterval(around).high - 7 / 3) / (meanInterval(around).high - 7 / 3);
  has(readingNotes.join(' '), [
    `Conditions that the paper states for ${cells} cells at n = 1000`,
    `the ${closestToNoSuperposition(fits).length} cells closest to no superposition become the same share of the cells (at least ${fewest})`,
    `made ${wider.toFixed(2)} times as wide`,
    `by a factor of ${Math.min(...random).toFixed(2)} to ${Math.max(...random).toFixed(2)} at the paper’s n and m`,
  ]);
});
