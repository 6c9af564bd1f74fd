import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceIds } from '../../../stages/toy/compare-variants/differences.ts';
import { variantsHead, variantsNotes, variantsRows } from '../../../stages/report/variants-table.ts';

const side = (losses: number[], value?: number) => ({
  losses,
  exponent: value === undefined ? null : { value, standardError: 0.021 },
});
const comparison = (difference: string, text: number[], scripts: number[]) => ({
  difference,
  rows: [{ gamma: -1, m: [8, 16, 32], text: side(text, 1), scripts: side(scripts, 1.1) }],
});

test('a line has both losses at each m, their ratios, and both exponents', () => {
  const [row] = variantsRows([comparison('final-loss', [0.4, 0.2, 0.1], [0.42, 0.2, 0.05])]);
  assert.deepEqual(row, [
    'Final loss: on fresh data, or of the last 100 steps',
    '`readings.finalLoss`: `fresh-data`, `last-training`',
    '−1',
    '0.400, 0.200, 0.100',
    '0.420, 0.200, 0.0500',
    '1.05, 1.00, 0.500',
    '1.000 ± 0.021',
    '1.100 ± 0.021',
  ]);
});

test('where a loss is 0 there is no ratio, and where no line was fitted no exponent', () => {
  const rows = [{ gamma: -1, m: [8], text: side([0]), scripts: side([0]) }];
  assert.deepEqual(variantsRows([{ difference: 'unlearned-loss', rows }])[0]!.slice(3), ['0', '0', '–', '–', '–']);
});

test('every difference has words, and as many cells as the head', () => {
  for (const id of differenceIds)
    for (const row of variantsRows([comparison(id, [1, 1, 1], [1, 1, 1])]))
      assert.equal(row.length, variantsHead.length);
  assert.throws(
    () => variantsRows([comparison('colour', [1], [1])]),
    /the difference "colour" has no words: expected one of final-loss, /,
  );
});

test('the spread between random numbers is that of its own row, up or down', () => {
  const notes = variantsNotes([
    comparison('final-loss', [1, 1, 1], [2, 1, 1]),
    comparison('random-numbers', [1, 1, 1], [1.01, 0.96, 1]),
  ]);
  assert.match(
    notes,
    /at m = 8, 16, 32, in that order\. Other random numbers alone change a loss by up to 4(\.0)?% \(the last line, /,
  );
  // Two that are the same model but for its random numbers.
  assert.match(
    variantsNotes([
      comparison('exponential-first-index', [1, 1, 1], [1, 1.5, 1]),
      comparison('random-numbers', [1, 1, 1], [1.01, 0.96, 1]),
    ]),
    /up to 50(\.0)?%/,
  );
  assert.doesNotMatch(variantsNotes([comparison('final-loss', [1, 1, 1], [2, 1, 1])]), /Other random numbers/);
});

test('the lines of chance alone are named as they are: one or several, and only those that are there', () => {
  const exponential = comparison('exponential-first-index', [1, 1, 1], [1, 1.5, 1]);
  const random = comparison('random-numbers', [1, 1, 1], [1.01, 0.96, 1]);
  const twice = { ...random, rows: [...random.rows, { ...random.rows[0]!, gamma: 0.5 }] };
  assert.match(variantsNotes([exponential]), /up to 50% \(that of exponential frequencies, which are the same counted/);
  assert.match(variantsNotes([twice]), /up to 4% \(the last 2 lines, which differ in nothing else\): a ratio/);
  assert.match(variantsNotes([exponential, random]), /\(the last line, which differs in nothing else, and that of exp/);
  const rows = [{ gamma: -1, m: [17], text: side([1]), scripts: side([1]) }];
  assert.match(variantsNotes([{ difference: 'final-loss', rows }]), / at m = 17\. The formula/);
});
