import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unfinishedText } from '../../../stages/toy/unfinished.ts';

type Sweep = Parameters<typeof unfinishedText>[0][number];

/** A sweep that has some of its models. */
const sweep = (experiment: string, models: number, missing: number) =>
  ({ experiment, models: Array(models).fill({}), missing: Array(missing).fill({}) }) as unknown as Sweep;

test('what a run left out is said in one sentence: counts of what was begun, and names of the rest', () => {
  assert.equal(unfinishedText([sweep('small', 3, 0)]), undefined);
  assert.equal(
    unfinishedText([sweep('small', 48, 2), sweep('wide', 0, 4), sweep('density', 12, 3), sweep('large', 0, 1)]),
    'this run has 48 of the 50 models of small, 12 of the 15 of density, and none of the models of wide, large',
  );
  assert.equal(unfinishedText([sweep('wide', 0, 4)]), 'this run has none of the models of wide');
});
