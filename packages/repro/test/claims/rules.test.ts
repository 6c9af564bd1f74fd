import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combineVerdicts } from '../../src/claims/claim.ts';
import type { Expectation, Part } from '../../src/claims/definition.ts';
import { allCells, seedCount } from '../../src/claims/evidence.ts';
import type { Cells, Estimate, Evidence } from '../../src/claims/evidence.ts';
import { formatNumber, formatPercent, formatWithUncertainty } from '../../src/claims/numbers.ts';
import { isPartOpen, judge as judgePart, openWords } from '../../src/claims/rules.ts';
import type { RuleName } from '../../src/claims/rules.ts';
import { judgeValue } from '../../src/claims/single-value.ts';

const estimate = (value: number, standardError: number | null = null, half: number | null = null): Estimate => ({
  kind: 'estimate',
  value,
  standardError,
  low: half === null ? null : value - half,
  high: half === null ? null : value + half,
  errorFrom: 'fit',
  cells: allCells(1),
  seeds: null,
  detail: '',
});
const cells = (...values: number[]): Cells => ({
  kind: 'cells',
  cells: values.map((value) => ({ value })),
  excluded: 0,
  detail: '',
});
const part = (rule: RuleName, expectation: Expectation, change: Partial<Part> = {}): Part => ({
  quantity: 'x',
  rule,
  expectation,
  design: 1,
  why: '',
  ...change,
});
const judge = (rule: RuleName, expectation: Expectation, evidence: Evidence) =>
  judgePart(part(rule, expectation), evidence);

test('agree: two combined standard errors, and inconclusive when too imprecise to say', () => {
  const expectation = { value: 1, uncertainty: 0.05 };
  assert.equal(judge('agree', expectation, estimate(1.09, 0)).verdict, 'reproduced');
  assert.equal(judge('agree', expectation, estimate(1.11, 0)).verdict, 'not-reproduced');
  assert.equal(judge('agree', expectation, estimate(1.13, 0.05)).verdict, 'reproduced');
  assert.equal(judge('agree', expectation, estimate(1.15, 0.05)).verdict, 'not-reproduced');
  assert.equal(judge('agree', expectation, estimate(1, 0.051)).verdict, 'inconclusive', 's may not exceed its own');
  assert.equal(judge('agree', expectation, estimate(1.3, 0.06)).verdict, 'inconclusive');
  const unknown = judge('agree', expectation, estimate(1, Number.NaN));
  assert.equal(unknown.verdict, 'inconclusive', 'an error of which a quantity says nothing contradicts nothing');
  assert.match(unknown.note, /The standard error is undefined\.$/);
});

test('one number whose error is undefined neither agrees nor contradicts, and no error is below 0', () => {
  const claim = { id: 'a', sentence: 'A.', source: 'Eq. 1', quantity: 'x', why: '' };
  const agree = { ...claim, rule: 'agree', expectation: { value: 1, uncertainty: 0.05 } } as const;
  const [part] = judgeValue(agree, { value: 1, standardError: Number.NaN }).parts;
  assert.equal(part!.verdict, 'inconclusive');
  assert.match(part!.detail, /^The standard error is undefined\./);
  assert.deepEqual([part!.standardError, part!.low, part!.high], [null, null, null]);
  assert.throws(
    () => judgeValue(agree, { value: 1, standardError: -0.1 }),
    /claim a: standardError = -0.1: expected 0/,
  );
});

test('interval-within: the interval decides between reproduced and inconclusive, the estimate contradicts', () => {
  assert.equal(judge('interval-within', { below: 0 }, estimate(-0.5, 0.1, 0.2)).verdict, 'reproduced');
  assert.equal(judge('interval-within', { below: 0 }, estimate(-0.1, 0.1, 0.2)).verdict, 'inconclusive');
  assert.equal(judge('interval-within', { below: 0 }, estimate(0.1, 0.1, 0.2)).verdict, 'not-reproduced');
});

test('a verdict by the value alone says where its interval crosses the limit', () => {
  const note = (rule: RuleName, expectation: Expectation, evidence: Evidence): string =>
    judge(rule, expectation, evidence).note;
  const steep = { below: -1.5 };
  assert.equal(
    note('within', steep, estimate(-2.4, 4.8, 61)),
    'Its 95% interval, −63.4 to 58.6, crosses the limit; the rule compares the value alone.',
  );
  assert.match(note('within', steep, estimate(-1, 0.5, 1)), /crosses the limit/, 'in either direction');
  assert.match(note('within', { low: 1, high: 2 }, estimate(3, 2, 4)), /crosses the limit/, 'and where it spans both');
  for (const evidence of [estimate(-2.4, 0.1, 0.2), estimate(-1, 0.1, 0.2), estimate(-2.4)])
    assert.equal(note('within', steep, evidence), '');
  // Mean 0.23, standard error 0.054.
  const nine = cells(0.0619, 0.08, 0.0922, 0.11, 0.14, 0.26, 0.333, 0.472, 0.52);
  assert.match(note('mean', { high: 0.2 }, nine), /The limit is within 2 of its standard errors; the rule compares/);
  assert.doesNotMatch(note('mean', { high: 0.5 }, nine), /limit/);
  assert.doesNotMatch(note('mean', { high: 0.1 }, nine), /limit/);
  assert.doesNotMatch(note('mean', { high: 0.5 }, cells(0.4)), /limit/);
  const near = (...args: Parameters<typeof judge>): boolean => judge(...args).nearLimit ?? false;
  assert.ok(near('within', steep, estimate(-2.4, 4.8, 61)) && near('mean', { high: 0.2 }, nine));
  assert.ok(!near('within', steep, estimate(-2.4, 0.1, 0.2)) && !near('mean', { high: 0.5 }, nine));
});

test('of a claim that is decided, a part that is not says whether a run left it out', () => {
  const left = { planned: 36, absent: 30 };
  assert.equal(openWords({ verdict: 'inconclusive', unfinished: left }, 'not-reproduced'), ', not finished: 6 of 36');
  assert.equal(openWords({ verdict: 'inconclusive' }, 'not-reproduced'), ', inconclusive');
  assert.equal(
    openWords({ verdict: 'inconclusive', unfinished: { planned: 36, absent: 1 } }, 'not-reproduced'),
    ', inconclusive',
  );
  assert.equal(openWords({ verdict: 'inconclusive' }, 'inconclusive'), '');
  assert.equal(openWords({ verdict: 'not-reproduced', unfinished: left }, 'not-reproduced'), '');
  assert.ok(isPartOpen({ verdict: 'not-run' }) && isPartOpen({ verdict: 'inconclusive', unfinished: left }));
  assert.ok(!isPartOpen({ verdict: 'inconclusive' }) && !isPartOpen({ verdict: 'not-reproduced', unfinished: left }));
});

test('interval-contains: a wide interval says nothing', () => {
  const expectation = { value: -1, halfWidth: 0.6 };
  assert.equal(judge('interval-contains', expectation, estimate(-1.2, 0.1, 0.3)).verdict, 'reproduced');
  assert.equal(judge('interval-contains', expectation, estimate(-1.5, 0.1, 0.3)).verdict, 'not-reproduced');
  assert.equal(judge('interval-contains', expectation, estimate(-1, 0.4, 0.8)).verdict, 'inconclusive');
});

test('share, mean, median, largest; bounds included or not', () => {
  assert.equal(judge('share', { share: 0.75, below: 1 }, cells(0.1, 0.2, 0.3, 1)).verdict, 'reproduced');
  assert.equal(judge('share', { share: 0.76, below: 1 }, cells(0.1, 0.2, 0.3, 1)).verdict, 'not-reproduced');
  assert.equal(judge('share', { share: 1, high: 1 }, cells(0.1, 1)).verdict, 'reproduced');
  assert.equal(judge('mean', { low: 1, high: 3 }, cells(0, 5)).verdict, 'reproduced');
  assert.equal(judge('mean', { low: 2.6 }, cells(0, 5)).verdict, 'not-reproduced');
  assert.equal(judge('median', { high: 1 }, cells(1, 1, Infinity)).verdict, 'reproduced');
  assert.equal(judge('median', { high: 1 }, cells(1, Infinity, Infinity)).measured, null);
  assert.equal(judge('largest', { low: 0.5 }, cells(0.1, 0.5)).verdict, 'reproduced');
  assert.equal(judge('largest', { low: 0.5 }, cells(0.1, 0.4)).verdict, 'not-reproduced');
});

test('nothing measured is not run; something undefined is inconclusive', () => {
  const absent = judge('mean', { low: 0 }, { kind: 'missing', reason: 'because' });
  assert.deepEqual([absent.verdict, absent.measured, absent.note], ['not-run', null, 'because']);
  assert.equal(judge('within', { low: 0 }, estimate(Number.NaN)).verdict, 'inconclusive');
  assert.equal(judge('share', { low: 0, share: 0 }, cells(Number.NaN)).verdict, 'inconclusive');
});

test('share-interval asks of the interval what share asks of the value', () => {
  const values = [
    { value: -0.5, low: -0.7, high: -0.3 },
    { value: -0.2, low: -0.5, high: 0.1 },
    { value: -0.4, low: -0.6, high: -0.1 },
  ];
  const evidence: Cells = { kind: 'cells', cells: values, excluded: 0, detail: '' };
  assert.equal(judge('share-interval', { below: 0, share: 0.6 }, evidence).verdict, 'reproduced');
  assert.equal(judge('share-interval', { below: 0, share: 0.7 }, evidence).verdict, 'not-reproduced');
  assert.equal(judge('share', { below: 0, share: 0.7 }, evidence).verdict, 'reproduced');
});

test('equivalent: every interval inside; outside contradicts; across the bound says nothing', () => {
  const of = (...intervals: [number, number][]): Cells => ({
    kind: 'cells',
    cells: intervals.map(([low, high]) => ({ value: (low + high) / 2, low, high })),
    excluded: 0,
    detail: '',
  });
  const expectation = { low: 0.9, high: 1.1 };
  assert.equal(judge('equivalent', expectation, of([0.95, 1.05], [0.9, 1.1])).verdict, 'reproduced');
  assert.equal(judge('equivalent', expectation, of([0.95, 1.05], [0.85, 1.05])).verdict, 'inconclusive');
  assert.equal(judge('equivalent', expectation, of([0.95, 1.05], [0.7, 0.89])).verdict, 'not-reproduced');
  assert.equal(judge('equivalent', expectation, cells(1, 1)).verdict, 'inconclusive', 'without intervals');
});

test('a rule counts only with enough of its cells: a quarter of the design, 80% of them defined, three', () => {
  const verdict = (design: number, evidence: Cells): string =>
    judgePart(part('share', { low: 0, share: 0.5 }, { design }), evidence).verdict;
  const many = (count: number, undefinedOnes = 0): Cells =>
    cells(...Array.from({ length: count }, (_, i) => (i < undefinedOnes ? Number.NaN : 1)));
  assert.equal(verdict(40, many(10)), 'reproduced');
  assert.equal(verdict(40, many(9)), 'inconclusive');
  assert.equal(verdict(10, many(10, 2)), 'reproduced');
  assert.equal(verdict(10, many(10, 3)), 'inconclusive');
  assert.equal(verdict(4, many(3)), 'reproduced');
  assert.equal(verdict(4, many(2)), 'inconclusive', 'a quarter of four is not enough');
  assert.equal(verdict(2, many(2)), 'reproduced', 'all, where the design has fewer than three');
  assert.equal(verdict(2, many(1)), 'inconclusive');
  // What a measured condition leaves out counts among the cells that the set has, and not as undefined.
  assert.equal(verdict(40, { ...many(5), excluded: 5 }), 'reproduced');
  assert.equal(verdict(40, { ...many(2), excluded: 8 }), 'inconclusive');
  const { cells: counts, note } = judgePart(part('share', { low: 0, share: 0.5 }, { design: 40 }), many(9));
  assert.deepEqual(counts, { used: 9, planned: 9, design: 40 });
  assert.match(note, /Too few cells: this set has 9 of the design's 40, and 10 are needed\./);
});

test('points that others published need not be complete', () => {
  const few = judgePart(part('share', { low: 0, share: 0.5 }, { design: 40 }), cells(1), { enough: false });
  assert.equal(few.verdict, 'reproduced');
});

test('a rule may ask for seeds', () => {
  const seeds = (...counts: number[]): Cells => ({
    kind: 'cells',
    cells: counts.map((count) => ({ value: 1, low: 0.99, high: 1.01, seeds: count })),
    excluded: 0,
    detail: '',
  });
  const five = part('equivalent', { low: 0.9, high: 1.1 }, { seeds: 5 });
  assert.equal(judgePart(five, seeds(5, 6)).verdict, 'reproduced');
  assert.deepEqual(judgePart(five, seeds(5, 6)).seeds, { least: 5, most: 6 });
  assert.equal(judgePart(five, seeds(5, 4)).verdict, 'inconclusive');
  assert.equal(judgePart(five, cells(1)).verdict, 'inconclusive', 'one that is not known is one');
  assert.equal(seedCount([undefined]), null);
});

test('a claim with several parts is as good as its worst', () => {
  assert.equal(combineVerdicts(['reproduced', 'reproduced']), 'reproduced');
  assert.equal(combineVerdicts(['reproduced', 'inconclusive']), 'inconclusive');
  assert.equal(combineVerdicts(['inconclusive', 'not-run']), 'not-run');
  assert.equal(combineVerdicts(['not-run', 'not-reproduced', 'reproduced']), 'not-reproduced');
});

test('judging never reports a number that JSON cannot hold', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(0, Infinity, -Infinity, Number.NaN));
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('share', 'mean', 'median', 'largest'),
      (values, rule) => {
        const { measured, standardError } = judge(rule, { low: 0, share: 0.5 }, cells(...values));
        for (const value of [measured, standardError]) assert.ok(value === null || Number.isFinite(value));
      },
    ),
  );
});

test('numbers read well', () => {
  assert.equal(formatNumber(0.12345), '0.123');
  assert.equal(formatNumber(-1.0049), '−1.00');
  assert.equal(formatNumber(1234.5), '1235');
  assert.equal(formatNumber(0.00001234), '1.2e−5');
  assert.equal(formatNumber(Infinity), '∞');
  assert.equal(formatWithUncertainty(1.01342, 0.0213), '1.013 ± 0.021');
  assert.equal(formatWithUncertainty(-0.5, 0.134), '−0.50 ± 0.13');
  assert.equal(formatWithUncertainty(0.98, null), '0.980');
  assert.equal(formatWithUncertainty(12.34, 2.5), '12.3 ± 2.5');
  assert.equal(formatPercent(0.95), '95%');
  assert.equal(formatPercent(0.875), '87.5%');
  for (let whole = 0; whole <= 100; whole++) assert.equal(formatPercent(whole / 100), `${whole}%`);
});
