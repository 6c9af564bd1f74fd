import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headline } from '../../docs/headline.mjs';

const result = (id: string, verdict: string, measuredText: string) => ({
  ...{ id, sentence: `About ${id}.`, verdict },
  parts: [{ measuredText }],
});

test('the headline of a claim is the verdict of the largest set that decides it', () => {
  const text = headline([
    {
      set: 'paper',
      decides: ['one'],
      results: [
        result('one', 'not-reproduced', '0.3'),
        result('two', 'inconclusive', ''),
        result('three', 'not-run', ''),
      ],
    },
    {
      set: 'quick',
      decides: ['one', 'two'],
      results: [
        result('one', 'reproduced', '1.0'),
        result('two', 'reproduced', '95%'),
        result('three', 'reproduced', 'a|b'),
      ],
    },
  ]);
  const row = (id: string): string => text.split('\n').find((line) => line.startsWith(`| \`${id}\``))!;
  assert.match(
    row('one'),
    /\| \*\*not reproduced\*\* \(`paper`\) \| 0\.3 \| \[✗\]\(paper\/report\.md#claim-one\) \| \[✓\]\(quick\/report\.md#claim-one\) \|$/,
  );
  assert.match(row('two'), /\| reproduced \(`quick`\) \| 95% \| \[\?\]\(paper\/report\.md#claim-two\) ° \| \[✓\]/);
  assert.match(row('three'), /\| no set decides it \|  \| \[–\]/);
  const notRun = headline([{ set: 'paper', decides: ['three'], results: [result('three', 'not-run', '')] }]);
  assert.match(notRun, /\| not run \(`paper`\) \|/, 'in words');
});

test('a set that has not finished what a claim needs does not speak for it', () => {
  const open = { ...result('one', 'inconclusive', ''), parts: [{ measuredText: '', unfinished: { absent: 45 } }] };
  const text = headline([
    { set: 'paper', decides: ['one'], results: [open] },
    { set: 'quick', decides: ['one'], results: [result('one', 'reproduced', '1.0')] },
  ]);
  assert.match(text, /\| reproduced \(`quick`\) \| 1\.0 \| \[\?\]\(paper/);
  assert.match(headline([{ set: 'paper', decides: ['one'], results: [open] }]), /\| not finished \|/);
});

test('a verdict of a set that was simulated is marked where the claim could not be', () => {
  const published = (simulated?: string[]) =>
    headline([{ set: 'paper', decides: ['one'], simulated, results: [result('one', 'reproduced', '1.0')] }]);
  assert.match(published([]), /\| reproduced \(`paper`\) ‡ \|/);
  for (const text of [published(['one']), published()]) assert.match(text, /\| reproduced \(`paper`\) \|/);
});
