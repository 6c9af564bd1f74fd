import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Cells, Estimate } from '../../../stages/report/claims/evidence.ts';
import { combineVerdicts, judge } from '../../../stages/report/claims/rules.ts';
import { formatNumber, formatPercent, formatWithUncertainty } from '../../../stages/report/format.ts';

const estimate = (value: number, standardError: number | null = null, half: number | null = null): Estimate => ({
  kind: 'estimate',
  value,
  standardError,
  low: half === null ? null : value - half,
  high: half === null ? null : value + half,
  detail: '',
});
const cells = (...values: number[]): Cells => ({ kind: 'cells', values, detail: '' });

test('agree: two combined standard errors, and inconclusive when too imprecise to say', () => {
  const expectation = { value: 1, uncertainty: 0.05 };
  assert.equal(judge('agree', expectation, estimate(1.09, 0)).verdict, 'reproduced');
  assert.equal(judge('agree', expectation, estimate(1.11, 0)).verdict, 'not-reproduced');
  assert.equal(judge('agree', expectation, estimate(1.13, 0.05)).verdict, 'reproduced');
  assert.equal(judge('agree', expectation, estimate(1.15, 0.05)).verdict, 'not-reproduced');
  assert.equal(judge('agree', expectation, estimate(1, 0.11)).verdict, 'inconclusive');
});

test('interval-within: the interval decides between reproduced and inconclusive, the estimate contradicts', () => {
  assert.equal(judge('interval-within', { below: 0 }, estimate(-0.5, 0.1, 0.2)).verdict, 'reproduced');
  assert.equal(judge('interval-within', { below: 0 }, estimate(-0.1, 0.1, 0.2)).verdict, 'inconclusive');
  assert.equal(judge('interval-within', { below: 0 }, estimate(0.1, 0.1, 0.2)).verdict, 'not-reproduced');
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
  assert.deepEqual(judge('mean', { low: 0 }, { kind: 'missing', reason: 'because' }), {
    verdict: 'not-run',
    measured: null,
    uncertainty: null,
    note: 'because',
  });
  assert.equal(judge('within', { low: 0 }, estimate(Number.NaN)).verdict, 'inconclusive');
  assert.equal(judge('share', { low: 0, share: 0 }, cells(Number.NaN)).verdict, 'inconclusive');
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
        const { measured, uncertainty } = judge(rule, { low: 0, share: 0.5 }, cells(...values));
        for (const value of [measured, uncertainty]) assert.ok(value === null || Number.isFinite(value));
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
});
