import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeValue } from '../../src/claims.ts';
import { run } from '../../src/outline/run/report.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('the name of a quantity is text in the table of claims, whatever is in it', async () => {
  using directory = temporaryDirectory();
  const file = (name: string): { path: string } => ({ path: join(directory.path, name) });
  const claim = { id: 'a', sentence: 'It is small.', source: 'Eq. 1', why: '' };
  const result = judgeValue(
    { ...claim, quantity: 'P(a|b) <script>x_*1*</script>', rule: 'within', expectation: { low: 0, high: 1 } },
    { value: 0.5, standardError: 0.1 },
  );
  writeFileSync(file('a.json').path, JSON.stringify(result));
  await run({
    params: { title: 'T', text: '', decides: ['a'], figures: [] },
    inputs: { claims: [file('a.json')] },
    outputs: { report: file('report.md'), claims: { ...file('claims.json'), type: 'claim-results' } },
  } as unknown as Parameters<typeof run>[0]);
  const row = readFileSync(file('report.md').path, 'utf8')
    .split('\n')
    .find((line) => line.includes('claim-a'))!;
  assert.ok(row.includes(' | P(a\\\\|b) &lt;script&gt;x\\_\\*1\\*&lt;/script&gt; in \\[0, 1\\] | '), row);
});
