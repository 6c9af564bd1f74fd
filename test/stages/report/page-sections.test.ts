import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { html } from 'repro/page';
import { htmlOfBlocks } from '../../../stages/report/page/blocks.ts';
import { renderResultsPage } from '../../../stages/report/page/page.ts';
import type { ResultsPage } from '../../../stages/report/page/page.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { idealSources } from './ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const points = JSON.parse(readFileSync(join(root, 'params/published/points.json'), 'utf8')) as ResultsPage['points'];
const markup = (blocks: readonly string[]): string => html`${htmlOfBlocks(blocks)}`.markup.replace(/>\s+/g, '>');

test('blocks of Markdown as HTML: tables, links, headings and folded parts; all else is escaped', () => {
  const table = '| A | B \\| C |\n| --- | --- |\n| `x` | [here](#there) |';
  assert.match(
    markup(['## Left out', '![no](image.svg)', table]),
    /^<div class="wide"[^>]*><table><thead><tr><th scope="col">A<\/th><th scope="col">B \| C<\/th><\/tr><\/thead><tbody><tr><td><code>x<\/code><\/td><td><a href="#there">here<\/a><\/td><\/tr><\/tbody><\/table><\/div>$/,
  );
  assert.equal(markup(['### Where\n\nOne **two** <b>.']), '<h3>Where</h3><p>One <b>two</b>&lt;b&gt;.</p>');
  const folded = markup([`<details>\n<summary>More & more</summary>\n\n${table}\n\nA note.\n\n</details>`, 'After.']);
  assert.match(
    folded,
    /^<details><summary>More &amp; more<\/summary><div .*<p>A note\.<\/p><\/details><p>After\.<\/p>$/,
  );
});

test('the page leads from its first lines to what rests on the initial biases, and has the authors’ points', () => {
  const [small] = idealSources().sweeps;
  const zero = fitSweep(
    'small-zero-bias',
    [],
    small!.models.map((model) => ({ ...model, loss: model.m ** -2 })),
  );
  const page = (sweeps: ResultsPage['sweeps']): string =>
    renderResultsPage({
      ...{ set: 'ideal', title: 'A reproduction', description: 'n = 256.', decides: [], reasons: {} },
      ...{ results: [], figures: [], sweeps, points },
    });
  const both = page([small!, zero]);
  for (const id of ['what-rests-on-the-initial-biases', 'authors-points'])
    assert.match(both, new RegExp(`<section id="${id}"`), id);
  assert.ok(both.indexOf('href="#what-rests-on-the-initial-biases"') < both.indexOf('<section id="authors-points"'));
  assert.match(both, /Every cell, with intervals between seeds<\/summary>/);
  assert.match(both, /Where they differ by more than our seeds do/);
  assert.doesNotMatch(page([small!]), /what-rests-on-the-initial-biases/);
});

test('the map has the colours of Fig. 4b: orange below 1, purple above', () => {
  const [small] = idealSources().sweeps;
  const colours = (exponent: number): number[] => {
    const models = small!.models.map((model) => ({ ...model, loss: model.m ** -exponent }));
    const page = renderResultsPage({
      ...{ set: 'ideal', title: 'A reproduction', description: 'n = 256.', decides: [], reasons: {} },
      ...{ results: [], figures: [], sweeps: [fitSweep('small', [], models)], points },
    });
    assert.match(page, /orange is less, purple more, as in Fig\. 4b/);
    return /data-fit="0"[^>]*background:rgb\((\d+),(\d+),(\d+)\)/.exec(page)!.slice(1).map(Number);
  };
  const [[red, , orangeBlue], [, green, blue], one] = [colours(0), colours(2), colours(1)] as [
    number[],
    number[],
    number[],
  ];
  assert.ok(red! > orangeBlue! + 100, 'orange');
  assert.ok(blue! > green! + 50, 'purple');
  assert.deepEqual(one, [255, 255, 255]);
});

test('a map has one curve a cell: curves that differ in their initial biases have none, and it names its regimes', () => {
  const [small] = idealSources().sweeps;
  const page = (sweeps: ResultsPage['sweeps']): string =>
    renderResultsPage({
      ...{ set: 'ideal', title: 'A reproduction', description: 'n = 256.', decides: [], reasons: {} },
      ...{ results: [], figures: [], sweeps, points },
    });
  const between = [0.1, 0.3].flatMap((standardDeviation) =>
    small!.models.map((model) => ({ ...model, initialBias: { mean: 0, standardDeviation } })),
  );
  const both = page([small!, fitSweep('initial-biases', [], between)]);
  assert.match(both, /id="map-small"/);
  assert.doesNotMatch(both, /id="map-initial-biases"/);
  assert.match(both, /The columns with γ &lt; 0, on the left, are of strong superposition\./);
  const strong = small!.models.filter(({ gamma }) => gamma < 0);
  assert.match(page([fitSweep('wide', [], strong)]), /All of it is strong superposition, γ &lt; 0\./);
});
