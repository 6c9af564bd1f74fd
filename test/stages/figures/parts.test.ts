import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellEdges } from '../../../stages/figures/parts/heat-map.ts';
import { normHistogram } from '../../../stages/figures/parts/row-norms.ts';

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
