import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeClaims } from '../../../stages/report/claims/judge-claims.ts';
import type { ClaimDefinition } from '../../../stages/report/claims/definition.ts';
import { atScale } from '../../../stages/report/claims/scale.ts';
import { renderReport } from '../../../stages/report/markdown.ts';
import { claims, idealSources } from './ideal-sweeps.ts';

const caption = (figure: string, section: string) => ({
  figure,
  title: `Title ${figure}`,
  section,
  caption: `What ${figure} shows.`,
});

function render(change: Partial<Parameters<typeof renderReport>[0]> = {}): string {
  const judged = judgeClaims(claims, { ...idealSources(), sweeps: idealSources().sweeps.slice(0, 1) });
  return renderReport({
    set: 'ideal',
    title: 'A reproduction',
    description: 'n = 256.',
    claims,
    judged,
    decides: ['strong-near-one', 'weak-slow'],
    captions: [
      caption('99', 'A section of its own'),
      caption('3a', 'Weight decay tunes superposition'),
      caption('1b', 'Loss against model dimension'),
    ],
    variants: [],
    beyond: [],
    observed: [],
    ...change,
  });
}

test('the report counts verdicts, and separates what this set cannot judge', () => {
  const text = render();
  assert.match(
    text,
    /^# A reproduction\n\n\*\*36 claims: 21 reproduced, 0 not reproduced, 0 inconclusive, 15 not run\.\*\*/,
  );
  const [judged, outside] = text.split("## Claims outside this set's scale") as [string, string];
  assert.match(judged, /\| `strong-near-one` \|.*\| a\) 1\.0+.*<br>b\) 100% \| reproduced \|/);
  assert.match(judged, /\| `exponent-rule` ° \|.*≤ 0\.25 \(/);
  assert.doesNotMatch(judged, /`density-exponent`/);
  assert.match(outside, /\| `density-exponent` \|.*Needs the experiment "density"/);
});

test('every row of a table has as many cells as its head: bars inside a cell are escaped', () => {
  let columns = 0;
  for (const line of render().split('\n')) {
    const cells = line.startsWith('|') ? line.split(/(?<!\\)\|/).length : 0;
    if (cells && columns) assert.equal(cells, columns, line);
    columns = cells;
  }
});

test('sections of figures come in the paper’s order, each figure with its image and caption, other sections last', () => {
  const text = render();
  const order = ['1b', '3a', '99'].map((figure) =>
    text.indexOf(`](figures/${figure}.svg)\n\n**Figure ${figure}. Title ${figure}.** What ${figure} shows.`),
  );
  assert.ok(order[0]! > 0 && order[0]! < order[1]! && order[1]! < order[2]!, String(order));
});

test('an acknowledged finding carries its reason, and says so when its verdict changed', () => {
  const acknowledge = (verdict: 'not-reproduced' | 'reproduced'): ClaimDefinition[] =>
    claims.map((claim) =>
      claim.id === 'weak-slow'
        ? { ...claim, acknowledged: { ideal: { verdict, reason: 'Known: too few steps.' } } }
        : claim,
    );
  assert.match(
    render({ claims: acknowledge('not-reproduced') }),
    /\[1\] `weak-slow`: Known: too few steps\. \*\*This was acknowledged as not reproduced; the verdict has changed\.\*\*/,
  );
  const stable = render({ claims: acknowledge('reproduced') });
  assert.match(stable, /\| reproduced \[1\] \|/);
  assert.match(stable, /\[1\] `weak-slow`: Known: too few steps\.\n/);
});

test('a finding about what this set cannot judge is not told', () => {
  const known = { ideal: { verdict: 'not-reproduced' as const, reason: 'Seen elsewhere.' } };
  const text = render({
    claims: claims.map((claim) => (claim.id === 'density-exponent' ? { ...claim, acknowledged: known } : claim)),
  });
  assert.doesNotMatch(text, /Seen elsewhere/);
});

test('a claim that must be decided and was not run stays among the claims', () => {
  const [judged] = render({ decides: ['density-exponent'] }).split("## Claims outside this set's scale") as [string];
  assert.match(judged, /\| `density-exponent` \|.*\*\*not run\*\*/);
});

test('text and scripts stand side by side below the list of their differences, if the set compares them', () => {
  const variants = [
    {
      difference: 'final-loss',
      rows: [
        { gamma: -1, m: [8], text: { losses: [0.5], exponent: null }, scripts: { losses: [0.25], exponent: null } },
      ],
    },
  ];
  const [, section] = render({ variants }).split("## Where the paper's text and its authors' scripts differ") as [
    string,
    string,
  ];
  assert.match(
    section.split('## ')[0]!,
    /- .*lossScale.*\n[^]*\| Difference \|[^]*\| −1 \| 0\.500 \| 0\.250 \| 0\.500 \|/,
  );
  assert.doesNotMatch(render(), /\| Difference \|/);
});

test('what the figures show beyond the claims stands in a section of its own, only where there is something', () => {
  assert.doesNotMatch(render(), /Beyond the claims/);
  const finding = { finding: 'It rises', where: 'Fig. 7a', published: '1 to 2', here: '2 to 1', holds: false };
  assert.match(
    render({ beyond: [finding] }),
    /## Beyond the claims\n[^]*\| It rises \| Fig\. 7a \| 1 to 2 \| 2 to 1 \| \*\*no\*\* \|/,
  );
});

test('a claim not run for want of scale says so, with the verdict of the smaller set and the part of its cells', () => {
  const sources = { ...idealSources(), sweeps: idealSources().sweeps.slice(0, 1) };
  const results = judgeClaims(claims, idealSources()).map(({ result }) => result);
  const decides = claims.map(({ id }) => id).filter((id) => id !== 'etf-count');
  const judged = judgeClaims(claims, sources).map((claim, i) =>
    atScale(
      claim,
      claims[i]!,
      decides.filter((id) => id !== 'density-exponent'),
      { set: 'less', results },
    ),
  );
  const text = render({ judged, decides: ['strong-near-one'], reducedScale: 'less' });
  assert.match(
    text,
    /^# A reproduction\n\n\*\*36 claims: 20 reproduced, 0 not reproduced, 0 inconclusive, 16 not run, of these 2 for want of scale\.\*\*/,
  );
  const outside = text.split("## Claims outside this set's scale")[1]!;
  assert.match(outside, /\| `etf-count` \|.*\| a\) 1\.\d+<br>b\) 100% \| not run: scale \(`less`: reproduced\) \|/);
  assert.match(outside, /\| `density-exponent` \|.*\| – \| not run: scale \(`less`: reproduced, 100%\) \|/);
  assert.match(outside, /`less`\]\(\.\.\/less\/report\.md\)[^]*These need something else\.[^]*\| `llm-overlap` \|/);
});
