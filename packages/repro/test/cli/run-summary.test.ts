import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimResult } from '../../src/claims/claim.ts';
import type { GateFinding } from '../../src/claims/gate.ts';
import { claimLines } from '../../src/cli/run-summary.ts';
import { colours, fileLink, wantsLinks } from '../../src/cli/reporters/colours.ts';
import { statusText } from '../../src/cli/verbs/status.ts';
import { findingsText } from '../../src/cli/verbs/verify.ts';
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

const visible = (text: string): string[] =>
  text
    .replace(/\x1b\[\d+m/g, '')
    .trimEnd()
    .split('\n');

test('status fits a narrow terminal: states that no node has are left out, and reasons go on in a line below', () => {
  const none = { fresh: 0, stale: 0, missing: 0, failed: 0, 'not-run': 0, pending: 0 };
  const stages = new Map([
    [
      'train',
      {
        counts: { ...none, fresh: 7, stale: 2 },
        why: new Map([
          ['parameter', 2],
          ['code', 1],
        ]),
      },
    ],
    ['measure-geometry', { counts: { ...none, pending: 9 }, why: new Map([['input', 9]]) }],
  ]);
  const wide = visible(statusText(stages, Infinity, plain));
  assert.equal(wide[0], 'stage               fresh    stale  missing   failed  not-run  pending  why');
  assert.equal(wide[1], 'train                   7        2        ·        ·        ·        ·  parameter x2, code');
  for (const width of [60, 80, 130, 200])
    for (const line of visible(statusText(stages, width, colours(true)))) assert.ok(line.length <= width, line);
  assert.equal(visible(statusText(stages, 60, plain))[0], 'stage               fresh    stale  pending  why');
  assert.match(
    statusText(stages, 60, plain),
    /^train .* {2}parameter x2,\n {45}code$/m,
    'reasons go on below their column, whole',
  );
  assert.match(statusText(stages, 60, colours(true)), /\x1b\[33m {8}2\x1b\[39m/);
});

test('verify names what it refuses first, in one line each, and reasons of known findings on request', () => {
  const finding = (id: string, status: GateFinding['status'], message: string): GateFinding => ({
    ...{ id, part: 'a', verdict: 'not-reproduced', measured: '1', status, message },
  });
  const findings = [
    finding('a', 'passed', ''),
    finding('b', 'acknowledged', 'known'),
    finding('c', 'refused', 'x'.repeat(99)),
  ];
  const [, first, second, third] = visible(findingsText(findings, false, 60, colours(true)));
  assert.match(first!, /^c \(a\) .*refused +1 +x+…$/);
  assert.equal(first!.length, 60);
  assert.match(second!, /^b .*acknowledged +1$/);
  assert.match(third!, /^a .*passed +1$/);
  assert.match(findingsText(findings, true, 60, plain), /acknowledged +1 +known\n/);
});
