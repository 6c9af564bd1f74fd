import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellEdges, heatMap } from '../../../stages/figures/parts/heat-map.ts';
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

test('a cell of a map that was not measured has a cross, so that it is not taken for a light colour', () => {
  const crosses = (values: readonly (readonly [gamma: number, alpha: number])[]): number => {
    const cells = values.map(([gamma, alpha]) => ({ gamma, alpha, value: 0 }));
    const { layer } = heatMap(cells, [-1, 1], [0, 1], {}) as {
      layer: { mark: { type: string }; data: { values: unknown[] } }[];
    };
    return layer.find(({ mark }) => mark.type === 'rule')?.data.values.length ?? 0;
  };
  const all = [-1, 1].flatMap((gamma) => [0, 1].map((alpha) => [gamma, alpha] as const));
  assert.equal(crosses(all), 0);
  assert.equal(crosses(all.slice(1)), 2, 'two lines');
});
