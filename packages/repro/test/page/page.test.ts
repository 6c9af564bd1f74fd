import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeValue } from '../../src/claims/single-value.ts';
import { claimsSection, contradictionsSection } from '../../src/page/claims.ts';
import { figuresSection } from '../../src/page/figures.ts';
import { dataBlock, html, inlineText } from '../../src/page/html.ts';
import { renderPage } from '../../src/page/render.ts';
import { provenanceSlot, splitSection, withSection } from '../../src/page/provenance-slot.ts';
import { plural } from '../../src/plural.ts';
import { setsIndex } from '../../src/publish/sets-index.ts';

test('values in markup are escaped, markup is not escaped twice, and what is not there is nothing', () => {
  const inner = html`<b>${'<&"\'>'}</b>`;
  assert.equal(inner.markup, '<b>&lt;&amp;&quot;&#39;&gt;</b>');
  assert.equal(html`${inner}${[inner, 1]}${null}${undefined}${false}${''}`.markup, `${inner.markup}${inner.markup}1`);
});

test('no text in a data block can end it', () => {
  const value = { words: '</script><!--<script>\u2028&' };
  const { markup } = dataBlock('x', value);
  const [, json] = /^<script type="application\/json" id="x">([^<]*)<\/script>$/.exec(markup.trim())!;
  assert.deepEqual(JSON.parse(json!), value);
});

test('captions: code, bold and italic of Markdown, all else as it is', () => {
  assert.equal(
    inlineText('see `a<b`, **c** and *d*; 2 * 3 * 4').markup,
    'see <code>a&lt;b</code>, <b>c</b> and <i>d</i>; 2 * 3 * 4',
  );
});

test('a page has one place for the provenance, and is the same again without it', () => {
  const page = `<main>${provenanceSlot}</main>`;
  const published = withSection(page, '<section>$& $1</section>')!;
  assert.deepEqual(splitSection(published), { page, section: '<section>$& $1</section>' });
  assert.equal(withSection('<main></main>', ''), undefined);
  assert.equal(withSection(page + page, ''), undefined);
  assert.equal(splitSection('<main></main>'), undefined);
});

test('the list of sets: the one with the most work first, a link to the page where there is one', () => {
  const set = (name: string, seconds: number, start?: string) => ({ name, results: [], seconds, commit: null, start });
  const text = setsIndex('Sums', [set('a', 1, 'a/report.md'), set('b', 2, 'b/index.html'), set('c', 3)]);
  const names = [...text.matchAll(/<b>(?:<a href="([^"]*)">)?(\w)/g)].map(([, link, name]) => [name, link]);
  assert.deepEqual(names, [
    ['c', undefined],
    ['b', 'b/index.html'],
    ['a', 'a/report.md'],
  ]);
});

const none = {
  ...{ title: '', set: '', lead: [], reasons: {}, alternatives: [], figures: [] },
  ...{ figuresOf: () => [], sections: [], notes: [], downloads: [] },
};

test('what is contradicted comes before what is open, and what is not finished is a list of its own', () => {
  const judged = (id: string, value: number, standardError: number) =>
    judgeValue(
      {
        ...{ id, sentence: `${id}.`, source: 'Eq. 1', quantity: id, why: 'As the paper has it.' },
        ...{ rule: 'agree', expectation: { value: 2, uncertainty: 0.1 } },
      },
      { value, standardError },
    );
  const open = judged('open', 2, 1);
  const later = {
    ...judged('later', 2, 1),
    parts: open.parts.map((part) => ({ ...part, unfinished: { planned: 9, absent: 8 }, detail: 'Of 9 cells 8 lack.' })),
  };
  const results = [later, open, judged('wrong', 3, 0.01), judged('right', 2, 0.01)];
  const text = (shown: typeof results): string =>
    contradictionsSection({ ...none, results: shown, decides: results.map(({ id }) => id) })
      .markup.replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
  assert.match(
    text(results),
    /^ What does not hold, and why ✗ not reproduced wrong\. .* \? inconclusive open\. .* No verdict yet later\. later Of 9 cells 8 lack\. $/,
  );
  assert.doesNotMatch(text(results), /right/);
  assert.match(text([later]), /^ What does not hold Nothing so far\. No verdict yet later\./);
  assert.match(text([results[3]!]), /^ What does not hold Every claim that this set decides is reproduced\. $/);
});

test('a claim of one number has no empty details and no heading that only repeats that of the section', () => {
  const judged = judgeValue(
    {
      ...{ id: 'slope', sentence: 'The slope is 2.', source: 'Eq. 1', quantity: 'slope', why: 'As the paper has it.' },
      ...{ rule: 'agree', expectation: { value: 2, uncertainty: 0.1 } },
    },
    { value: 2.01, standardError: 0.01 },
  );
  const bare = { ...judged, parts: judged.parts.map((part) => ({ ...part, detail: '' })) };
  const of = (results: (typeof judged)[]): string =>
    claimsSection({
      ...none,
      results,
      decides: ['slope'],
    }).markup;
  assert.doesNotMatch(of([bare]), /<details>/);
  assert.match(of([{ ...bare, parts: judged.parts.map((part) => ({ ...part, detail: '3 of 3 cells' })) }]), /3 of 3/);
  assert.match(of([bare]), /<h3 id="theme-0" class="hidden-words">Claims</);
  assert.match(of([{ ...bare, theme: 'Exponents' }]), /<h3 id="theme-0">Exponents</);
  assert.doesNotMatch(of([bare]), /†/);
  const near = { ...bare, parts: bare.parts.map((part) => ({ ...part, nearLimit: true as const })) };
  assert.match(
    of([near]),
    /<span class="number">2\.010 ± 0\.010<\/span> †[^]*<p class="note">† The stated error of this value/,
  );
});

test('a claim with a reason is told though the set does not decide it, and marked', () => {
  const wrong = judgeValue(
    {
      ...{ id: 'slope', sentence: 'The slope is 2.', source: 'Eq. 1', quantity: 'slope', why: 'As the paper has it.' },
      ...{ rule: 'agree', expectation: { value: 2, uncertainty: 0.1 } },
    },
    { value: 3, standardError: 0.01 },
  );
  const content = { ...none, results: [wrong], decides: [] };
  assert.match(
    contradictionsSection({ ...content, reasons: { slope: { a: 'Too few steps.' } } }).markup,
    /slope<\/a> °<\/p>[^]*Too few steps\./,
  );
  assert.match(contradictionsSection(content).markup, /Every claim that this set decides is reproduced/);
});

test('what a page offers has an address that leads to it, whatever it is called', () => {
  const paths = ['tables/fit.csv', 'a b#1?%20.csv', 'größe "x" & <y>.csv'];
  const downloads = paths.map((path) => ({ path, title: 'points' }));
  const page = renderPage({ ...none, results: [], decides: [], downloads });
  const links = [...page.matchAll(/<li><a href="([^"]*)" download>([^<]*)<\/a>: points<\/li>/g)];
  assert.deepEqual(
    links.map(([, address]) => address),
    ['tables/fit.csv', 'a%20b%231%3F%2520.csv', 'gr%C3%B6%C3%9Fe%20%22x%22%20&amp;%20%3Cy%3E.csv'],
  );
  const base = 'file:///reports/quick/index.html';
  for (const [i, [, address = '', shown]] of links.entries()) {
    const url = new URL(address.replaceAll('&amp;', '&'), base);
    assert.deepEqual([url.search, url.hash], ['', '']);
    assert.equal(decodeURIComponent(url.pathname), `/reports/quick/${paths[i]!}`);
    assert.equal(shown, html`${paths[i]}`.markup);
  }
});

test('how to draw a figure with other colours is said where one has a specification', () => {
  const one = { figure: 'a', title: 'A', section: 'Figures', caption: '', svg: '<svg></svg>' };
  const hint = (image?: { extension: string; uri: string }): boolean =>
    figuresSection({
      ...none,
      results: [],
      decides: [],
      figures: [{ ...one, ...(image && { image }) }],
    }).markup.includes('vl2svg');
  assert.deepEqual([hint(), hint({ extension: '.png', uri: 'data:,' })], [true, false]);
});

test('one is not many', () => {
  assert.deepEqual([plural(1, 'claim'), plural(0, 'claim'), plural(2, 'entry')], ['1 claim', '0 claims', '2 entries']);
});
