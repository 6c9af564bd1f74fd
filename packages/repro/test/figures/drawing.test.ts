import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decadeTicks, linearAxis, linearDomain } from '../../src/figures/axes.ts';
import { canonicalSvg } from '../../src/figures/canonical-svg.ts';
import { textWidth } from '../../src/figures/font-metrics.ts';
import { plot, points, sheet } from '../../src/figures/marks.ts';
import { nameFields } from '../../src/figures/name-fields.ts';
import { renderPng, renderSvg } from '../../src/figures/render.ts';
import { mediansBy, rowsOf } from '../../src/figures/rows.ts';
import { specificationJson } from '../../src/figures/specification-json.ts';

test('coordinates are rounded to a thousandth, text and colours are left alone', () => {
  assert.equal(
    canonicalSvg(
      '<path d="M0.12345,-3e-12L1.5-2.00049" transform="translate(10.0000001,5)" fill="#123456"/><text x="1.23456">0.123456</text>',
    ),
    '<path d="M0.123,0L1.5-2" transform="translate(10,5)" fill="#123456"/><text x="1.235">0.123456</text>',
  );
});

test('text is as wide as DejaVu Sans makes it', () => {
  // Advance widths of the font, in units of 2048 per em.
  assert.equal(textWidth('A', 2048, false), 1401);
  assert.equal(textWidth('i', 2048, false), 569);
  assert.equal(textWidth('Ai', 2048, false), 1970);
  assert.ok(textWidth('A', 12, true) > textWidth('A', 12, false));
  const missing = textWidth('\u{e0001}', 2048, false);
  for (const character of 'αγφκνΣ₁₂ₘᵢ⁻ᵅ²∕√±×≤≥∝‖−·')
    assert.notEqual(textWidth(character, 2048, false), missing, `"${character}" is in the font`);
});

test('logarithmic ticks: nine to a decade, powers of ten labelled, 2 and 5 too where decades are few', () => {
  assert.deepEqual(decadeTicks([0.5, 30]).ticks, [0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30]);
  assert.deepEqual(decadeTicks([0.5, 30]).labels, [0.5, 1, 2, 5, 10, 20]);
  assert.deepEqual(decadeTicks([0.0005, 5]).labels, [0.001, 0.01, 0.1, 1]);
});

test('a logarithmic axis of less than a decade still has two labels', () => {
  assert.deepEqual(decadeTicks([0.27, 0.46]), { ticks: [0.3, 0.4], labels: [0.3, 0.4] });
  assert.deepEqual(decadeTicks([0.67, 1.9]).labels, [0.7, 0.8, 0.9, 1]);
  assert.deepEqual(decadeTicks([1.15, 1.42]).labels, [1.2, 1.3, 1.4]);
  assert.deepEqual(decadeTicks([0.0205, 0.0235]).labels, [0.021, 0.022, 0.023]);
});

test('a linear axis of zeros, or of one value below zero, has a width, with the value in its middle', () => {
  assert.deepEqual(linearDomain([0, 0]), [-0.06, 0.06]);
  assert.deepEqual(linearDomain([-2]), [-2.06, -1.94]);
  assert.deepEqual(linearDomain([0, 2]), [-0.12, 2.12]);
  assert.deepEqual(linearDomain([-1, 1]), [-1.12, 1.12]);
});

test('a specification is written one way, one row of data to a line', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ y: i / 8, x: i }));
  const text = specificationJson({ b: { values: rows }, a: undefined, mark: 'point' });
  assert.deepEqual(JSON.parse(text), { b: { values: rows }, mark: 'point' });
  assert.ok(text.split('\n').includes('      {"x":3,"y":0.375},'));
  assert.equal(text, specificationJson({ mark: 'point', b: { values: rows.map(({ x, y }) => ({ x, y })) } }));
});

test('rows have the given columns, in the order asked for; equal ones keep theirs', () => {
  const records = [
    { m: 20, name: 'b' },
    { m: 10, name: 'c' },
    { m: 20, name: 'a' },
  ];
  const columns = { x: ({ m }: { m: number }) => m, name: ({ name }: { name: string }) => name };
  assert.deepEqual(
    rowsOf(records, columns, 'x').map(({ name }) => name),
    ['c', 'b', 'a'],
  );
  assert.deepEqual(
    rowsOf(records, columns, 'x', 'name').map(({ name }) => name),
    ['c', 'a', 'b'],
  );
});

test('medians by a key, keys ascending', () => {
  const values = [3, 1, 2, 10].map((value, i) => ({ value, key: i < 3 ? 9 : 1 }));
  const medians = mediansBy(
    values,
    ({ key }) => key,
    ({ value }) => value,
  );
  assert.deepEqual(medians, [
    { key: 1, median: 10 },
    { key: 9, median: 2 },
  ]);
});

test('a point outside its axes is left out; an SVG has a name and a description', async () => {
  const specification = sheet(
    'A title',
    '',
    plot(linearAxis('x', [0, 1]), linearAxis('y', [0, 1]), [points([{ x: 0.5, y: 40 }])]),
  );
  const { svg } = await renderSvg(specification, { title: 'A & B', description: 'x < y' });
  assert.match(svg, /<svg role="img" .*viewBox="0 0 312 270"><title>A &amp; B<\/title><desc>x &lt; y<\/desc>/);
  assert.ok((await renderPng(svg)).length > 1000);
});

test('fields are named by the titles of their axes, in rows and encodings alike, and the drawing stays the same', async () => {
  const axis = (title: string) => linearAxis(title, [0, 1]);
  const specification = sheet('t', '', plot(axis('Loss (L)'), axis('Share, in %'), [points([{ x: 0.5, y: 0.25 }])]));
  const named = nameFields(specification);
  const text = JSON.stringify(named);
  assert.match(text, /"values":\[\{"Loss L":0\.5,"Share in":0\.25\}\]/);
  assert.match(text, /"x":\{"field":"Loss L"/);
  assert.equal((await renderSvg(named)).svg, (await renderSvg(specification)).svg);
  const untitled = sheet('t', '', plot({ title: null }, axis('Loss'), [points([{ x: 1, y: 0 }])]));
  assert.match(JSON.stringify(nameFields(untitled)), /\{"x":1,"Loss":0\}/);
});
