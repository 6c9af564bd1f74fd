import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineVerdicts } from '../../src/claims/claim.ts';
import type { ClaimResult, PartResult, Verdict } from '../../src/claims/claim.ts';
import { judgeGate } from '../../src/claims/gate.ts';
import type { Acknowledgements } from '../../src/claims/gate.ts';
import { junitReport } from '../../src/claims/junit.ts';

const part = (id: string, verdict: Verdict, measured: number | null): PartResult => ({
  ...{
    id,
    quantity: 'q',
    rule: 'within',
    verdict,
    expected: '≤ 1',
    measuredText: measured === null ? '' : String(measured),
  },
  ...{ measured, standardError: null, low: null, high: null, errorFrom: null, seeds: null },
  ...{ cells: { used: 3, planned: 3, design: 3 }, detail: '' },
});

const claim = (id: string, ...parts: PartResult[]): ClaimResult => ({
  ...{ id, sentence: 'It grows.', source: 'Fig. 1', by: 'paper', theme: 'Growth', parts, alternatives: {} },
  verdict: combineVerdicts(parts.map(({ verdict }) => verdict)),
});

const known: Acknowledgements = {
  growth: { b: { verdict: 'not-reproduced', low: 1.5, high: 2, reason: 'Too small.' } },
};
const contradicted = claim('growth', part('a', 'reproduced', 0.5), part('b', 'not-reproduced', 1.7));
const open = (results: ClaimResult[], decides = ['growth'], acknowledged = known): boolean =>
  judgeGate(results, decides, acknowledged, false).open;

test('a finding is acknowledged part by part, by verdict and range', () => {
  const { open: isOpen, findings } = judgeGate([contradicted], ['growth'], known, false);
  assert.equal(isOpen, true);
  assert.deepEqual(
    findings.map(({ part: id, status, message }) => [id, status, message]),
    [
      ['a', 'passed', ''],
      ['b', 'acknowledged', 'Too small.'],
    ],
  );
  const changed = (a: PartResult, b: PartResult): readonly string[] =>
    judgeGate([claim('growth', a, b)], ['growth'], known, false).findings.flatMap(({ status, message }) =>
      status === 'refused' ? [message] : [],
    );
  const fails = part('b', 'not-reproduced', 1.7);
  const holds = part('a', 'reproduced', 0.5);
  // The claim is not reproduced in each of these, as it was.
  assert.deepEqual(changed(part('a', 'not-reproduced', 3), fails), ['not reproduced, and not acknowledged']);
  assert.deepEqual(changed(holds, part('b', 'not-reproduced', 17)), [
    'acknowledged between 1.50 and 2.00, measured 17.0: the finding changed',
  ]);
  assert.deepEqual(changed(holds, part('b', 'not-reproduced', null)), [
    'acknowledged between 1.50 and 2.00, measured nothing: the finding changed',
  ]);
  assert.deepEqual(changed(holds, part('b', 'not-reproduced', 2.0001)), [
    'acknowledged between 1.50 and 2.00, measured 2.0001: the finding changed',
  ]);
  assert.deepEqual(changed(holds, part('b', 'reproduced', 1.7)), [
    'acknowledged as not reproduced, found reproduced: the finding changed',
  ]);
});

test('a finding without a range is one in which nothing was measured', () => {
  const undefinedOnly: Acknowledgements = { growth: { a: { verdict: 'inconclusive', reason: 'No model learned.' } } };
  const gate = (measured: number | null) =>
    judgeGate([claim('growth', part('a', 'inconclusive', measured))], ['growth'], undefinedOnly, false).findings[0]!;
  assert.equal(gate(null).status, 'acknowledged');
  assert.equal(gate(3).message, 'acknowledged without a measured value, measured 3.00: the finding changed');
});

test('what is refused as inconclusive is told with the reason', () => {
  const vague = { ...part('a', 'inconclusive', 3), detail: 'The standard error exceeds 0.1.' };
  const [finding] = judgeGate([claim('growth', vague)], ['growth'], {}, false).findings;
  assert.equal(finding!.message, 'inconclusive, and not acknowledged: The standard error exceeds 0.1.');
});

test('a finding of a part that is not there, a missing claim and one that is there twice shut the gate', () => {
  const stale: Acknowledgements = {
    growth: { ...known['growth'], c: { verdict: 'inconclusive', low: 0, reason: '?' } },
  };
  assert.equal(open([contradicted], ['growth'], stale), false);
  assert.equal(open([], ['growth']), false);
  assert.equal(open([contradicted, contradicted]), false);
  assert.equal(open([contradicted], ['growth', 'decay']), false);
});

test('a verdict that the parts do not have shuts the gate', () => {
  const { findings } = judgeGate([{ ...contradicted, verdict: 'reproduced' }], ['growth'], known, false);
  assert.match(findings[0]!.message, /said to be reproduced, its parts say not reproduced/);
});

test('a set that decides nothing does not open the gate', () => {
  const { open: isOpen, findings } = judgeGate([claim('growth', part('a', 'reproduced', 0.5))], [], {}, false);
  assert.equal(isOpen, false);
  assert.match(findings.at(-1)!.message, /decides no claim/);
  assert.equal(open([claim('growth', part('a', 'reproduced', 0.5))], ['growth'], {}), true);
});

test('a finding that is acknowledged of a claim that the set does not decide must not change', () => {
  const passed = claim('decay', part('a', 'reproduced', 1));
  const judge = (results: readonly ClaimResult[]) => judgeGate(results, ['decay'], known, false);
  const { open: isOpen, findings } = judge([passed, contradicted]);
  assert.equal(isOpen, true);
  assert.deepEqual(
    findings.map(({ id, part: letter, status }) => [id, letter, status]),
    [
      ['decay', 'a', 'passed'],
      ['growth', 'a', 'not required'],
      ['growth', 'b', 'acknowledged'],
    ],
  );
  const other = { ...contradicted, parts: contradicted.parts.map((each) => ({ ...each, measured: 99 })) };
  assert.match(judge([passed, other]).findings[2]!.message, /the finding changed/);
});

test('strict asks it of every claim', () => {
  const other = claim('decay', part('a', 'not-run', null));
  assert.equal(judgeGate([contradicted, other], ['growth'], known, false).open, true);
  assert.equal(judgeGate([contradicted, other], ['growth'], known, true).open, false);
});

test('JUnit has a test case for each part, with what was measured; text is escaped', () => {
  const other = claim('decay', part('a', 'not-run', null));
  const { findings } = judgeGate([contradicted, other], ['growth'], {}, false);
  const xml = junitReport('a<b', findings);
  assert.match(xml, /<testsuite name="claims of a&lt;b" tests="3" failures="1" skipped="1">/);
  assert.match(xml, /name="growth \(a\)"><system-out>passed: reproduced, 0\.5</);
  assert.match(
    xml,
    /name="growth \(b\)"><failure message="not-reproduced, 1\.7: not reproduced, and not acknowledged"/,
  );
  const [finding] = findings;
  assert.doesNotMatch(junitReport('x', [{ ...finding!, status: 'refused', message: '\u001b[31m"<' }]), /\u001b|"<|<"/);
});
