import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeClaims } from '../../../stages/report/claims/judge-claims.ts';
import { atScale } from '../../../stages/report/claims/scale.ts';
import { claims, idealSources } from './ideal-sweeps.ts';

const all = judgeClaims(claims, idealSources());
const reduced = { set: 'less', results: all.map(({ result }) => result) };
const of = (id: string, decides: string[] = [], smaller = reduced) => {
  const i = claims.findIndex((claim) => claim.id === id);
  return atScale(all[i]!, claims[i]!, decides, smaller);
};

test('a toy claim that a set does not decide is not run, whatever the part of its cells says', () => {
  const { result, reducedScale } = of('strong-near-one');
  assert.equal(result.verdict, 'not-run');
  assert.equal(result.measured, null);
  assert.equal(result.uncertainty, null);
  assert.equal(reducedScale, '`less`: reproduced', 'the number would be that of one of its two parts');
  assert.match(result.detail, /trains only a part of the models.* At reduced scale: `less`: reproduced\./);
  assert.match(of('weak-slow').reducedScale!, /^`less`: reproduced, 0\.\d/);
});

test('what a set decides keeps its verdict, and so does what needs no model', () => {
  assert.equal(of('strong-near-one', ['strong-near-one']).result.verdict, 'reproduced');
  for (const id of ['llm-room', 'random-geometry', 'llm-loss'])
    assert.deepEqual(
      of(id),
      all.find(({ result }) => result.id === id),
    );
});

test('shares are percentages; what the smaller set has not run or does not know is said', () => {
  assert.equal(of('unit-norm').reducedScale, '`less`: reproduced, 100%');
  const unknown = { set: 'less', results: [] };
  assert.equal(of('unit-norm', [], unknown).reducedScale, '`less`: not run');
  const contradicted = {
    set: 'less',
    results: reduced.results.map((result) => ({
      ...result,
      verdict: 'not-reproduced' as const,
      measured: 0.5,
      uncertainty: 0.1,
    })),
  };
  assert.equal(of('weak-slow', [], contradicted).reducedScale, '`less`: not reproduced, 0.50 ± 0.10');
});
