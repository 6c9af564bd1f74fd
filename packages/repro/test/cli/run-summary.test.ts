import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimResult } from '../../src/claims/claim.ts';
import { claimLines } from '../../src/cli/run-summary.ts';
import { colours, fileLink, wantsLinks } from '../../src/cli/reporters/colours.ts';
import type { Publication } from '../../src/pipeline.ts';

const result = (id: string, verdict: ClaimResult['verdict']): ClaimResult => ({
  ...{ id, verdict, sentence: id, source: '', by: 'paper', theme: '', alternatives: {} },
  parts: [
    {
      ...{ id: 'a', quantity: '', rule: '', verdict, expected: '', measuredText: '1', measured: 1, detail: '' },
      ...{ standardError: null, low: null, high: null, errorFrom: null, seeds: null },
      cells: { used: 1, planned: 1, design: 1 },
    },
  ],
});
const publication = (decides: readonly string[]) =>
  ({ files: {}, claims: { results: {}, decides, acknowledged: {} } }) as unknown as Publication;
const plain = colours(false);

test('the end of a run: claims by verdict, the gate and what shuts it, what changed', () => {
  const before = [result('one', 'reproduced'), result('two', 'not-run')];
  const after = [result('one', 'not-reproduced'), result('two', 'not-run'), result('three', 'reproduced')];
  assert.deepEqual(claimLines(publication(['one', 'three']), before, after, plain), [
    'claims: 1 reproduced, 1 not reproduced, 1 not run; the gate is shut by one',
    '2 verdicts changed since the last report:',
    '  one: reproduced -> not reproduced',
    '  three: new, reproduced',
  ]);
  assert.deepEqual(claimLines(publication(['three']), after, after, plain), [
    'claims: 1 reproduced, 1 not reproduced, 1 not run; the gate is open',
  ]);
  const many = Array.from({ length: 9 }, (_, i) => result(`c${i}`, 'reproduced'));
  assert.equal(claimLines(publication([]), [], many, plain).at(-1), '  and 3 more');
});

test('links only where the terminal is known to have them, or it is asked for', () => {
  const terminal = { isTTY: true } as NodeJS.WriteStream;
  assert.equal(wantsLinks(terminal, { TERM: 'xterm-256color' }), false);
  assert.equal(wantsLinks(terminal, { TERM: 'xterm-kitty' }), true);
  assert.equal(wantsLinks(terminal, { VTE_VERSION: '6800' }), true);
  assert.equal(wantsLinks(terminal, { VTE_VERSION: '6800', CI: 'true' }), false);
  assert.equal(wantsLinks({ isTTY: false } as NodeJS.WriteStream, { VTE_VERSION: '6800' }), false);
  assert.equal(wantsLinks(terminal, { VTE_VERSION: '6800', FORCE_HYPERLINK: '0' }), false);
  assert.equal(fileLink('a', '/x y', true), '\x1b]8;;file:///x%20y\x1b\\a\x1b]8;;\x1b\\');
  assert.equal(fileLink('a', '/x', false), 'a');
});
