import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalSvg } from '../../../stages/figures/canonical-svg.ts';
import { decadeTicks } from '../../../stages/figures/axes.ts';
import { textWidth } from '../../../stages/figures/font-metrics.ts';
import { cellEdges } from '../../../stages/figures/heat-map.ts';
import { normHistogram } from '../../../stages/figures/row-norms.ts';
import { specificationJson } from '../../../stages/figures/specification-json.ts';

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

test('cells of a heat map meet halfway between their values', () => {
  assert.deepEqual(cellEdges([0, 1, 3]), [
    [-0.5, 0.5],
    [0.5, 2],
    [2, 4],
  ]);
  assert.deepEqual(cellEdges([2]), [[1.5, 2.5]]);
});

test('a histogram of norms has area 1 and an edge at 1', () => {
  const bins = normHistogram([0.01, 0.2, 0.999, 1, 1.04, 1.3], 0.05);
  assert.ok(Math.abs(bins.reduce((area, { low, high, density }) => area + (high - low) * density, 0) - 1) < 1e-12);
  assert.ok(bins.some(({ low }) => low === 1));
  const at = (norm: number) => bins.find(({ low, high }) => low <= norm && norm < high)!.density;
  assert.ok(Math.abs(at(1) - (2 / 6) * 20) < 1e-12, 'a norm of exactly 1 lies in the bin above 1');
  assert.ok(Math.abs(at(0.99) - (1 / 6) * 20) < 1e-12);
});

test('a specification is written one way, one row of data to a line', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ y: i / 8, x: i }));
  const text = specificationJson({ b: { values: rows }, a: undefined, mark: 'point' });
  assert.deepEqual(JSON.parse(text), { b: { values: rows }, mark: 'point' });
  assert.ok(text.split('\n').includes('      {"x":3,"y":0.375},'));
  assert.equal(text, specificationJson({ mark: 'point', b: { values: rows.map(({ x, y }) => ({ x, y })) } }));
});
