import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatNumber } from 'repro/claims';
import type { ValueOf } from 'repro';
import { trainersText } from '../../../stages/report/sections/trainers.ts';
import type { TrainersTable } from '../../../stages/report/trainers.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const table = JSON.parse(read('stages/report/trainers.json')) as ValueOf<typeof TrainersTable>;
type Final = (typeof table)['cells'][number]['ours'];

test('three trainers: the table of bench/train is what the report tells', () => {
  const final = ({ mean, standardError }: Final): string =>
    [mean, standardError].map((value) => value.toFixed(4).replace(/^0/, '')).join(' +- ');
  const rows = table.cells.map(({ gamma, m, initialBias, ours, doublePrecision, pytorch }) => {
    const place = `${gamma < 0 ? '-5/9' : '1/3'}, ${m}`;
    const biases = initialBias === 'zero' ? 'zero' : 'N(0, 1)';
    return `| ${[place, biases, ...[ours, doublePrecision, pytorch].map(final)].join(' | ')} |`;
  });
  const readme = read('bench/train/README.md').split('\n');
  const start = readme.indexOf(`| gamma, m | biases | ours | double precision | PyTorch ${table.pytorch} |`);
  assert.ok(start > 0);
  assert.deepEqual(readme.slice(start + 2, start + 2 + rows.length), rows);
  assert.equal(readme[start + 2 + rows.length], '');
  const text = readme.join(' ');
  assert.ok(text.includes(`n = ${table.n}, alpha = ${table.alpha}, ${table.steps} steps of ${table.batch} samples`));
  assert.ok(text.includes(`at most ${table.agreeErrors} standard errors`));
});

test('three trainers: the sentences have the numbers of the table, and say so where they do not agree', () => {
  const text = trainersText(table);
  let most = 0;
  const ratios: number[] = [];
  for (const { gamma, m, initialBias, ours, doublePrecision, pytorch } of table.cells) {
    for (const { mean, standardError } of [doublePrecision, pytorch])
      most = Math.max(most, Math.abs(mean - ours.mean) / Math.sqrt(standardError ** 2 + ours.standardError ** 2));
    const zero = table.cells.find((cell) => cell.gamma === gamma && cell.m === m && cell.initialBias === 'zero')!;
    if (initialBias === 'normal') ratios.push(pytorch.mean / zero.pytorch.mean);
  }
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map(formatNumber);
  for (const part of [
    `n = ${table.n}, ${table.steps} steps, α = 1; γ = −0.556 with m = 4 and 8, γ = 0.333 with m = 8; ${table.seeds} seeds`,
    `agree with ours: they differ by at most ${formatNumber(most)} standard errors`,
    `(up to ${table.agreeErrors} counts as agreement)`,
    `${low} to ${high} by PyTorch.`,
  ])
    assert.ok(text.includes(part), `${part}\n${text}`);
  const [first, ...others] = table.cells;
  const off = { ...first!, pytorch: { ...first!.pytorch, mean: 2 * first!.pytorch.mean } };
  assert.match(trainersText({ ...table, cells: [off, ...others] }), /their mean losses do not agree with ours/);
});
