/** Fig. 2c: without superposition and with it. */
import { fixed, inline, linearAxis, panelTitle, plot, sheet } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { welchBoundSquared } from '../../../numerics/geometry/overlaps.ts';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData, Frame } from '../figure-data.ts';
import { arrows } from '../parts/arrows.ts';
import { overlapRange } from '../parts/palettes.ts';
import { normColour } from '../parts/row-norms.ts';

export const figure = defineFigure({
  id: '2c',
  title: 'Without superposition and with it',
  section: 'What superposition is',
  needs: { frame: true },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { frame } = data;
  const { m } = frame;
  const n = frame.rows.length;
  const basis = Array.from({ length: n }, (_, i) => Array.from({ length: m }, (_, k) => (i === k ? 1 : 0)));
  const { overlap } = frame;
  return {
    specification: sheet(data.title, `${n} features, m = ${m}`, {
      vconcat: [
        example('No superposition', basis),
        example('Least squares of overlaps', upright(frame.rows)),
        example('Equal angles', icosahedron),
      ],
      spacing: 13,
    }),
    caption:
      `Top: the ${m} most frequent of ${n} features have orthonormal rows Wᵢ, and the others none. Middle: unit vectors for all of them, which minimise the squares of the off-diagonal products; ` +
      `their mean square overlap is ${fixed(overlap.meanSquare, 4)}, the Welch bound ${fixed(welchBoundSquared(n, m), 4)}; the largest overlap is ${fixed(overlap.maximumAbsolute)}. Bottom: the six diagonals of an icosahedron, an equiangular tight frame, which has the same mean square and for which every overlap is ${fixed(1 / Math.sqrt(5), 3)}. ` +
      'Left: the rows in space, seen from the diagonal; the circle is the outline of the unit sphere, and larger points are nearer. Middle: W Wᵀ, negative products with a minus sign. Right: frequency by rank, coloured by row norm.',
  };
}

const golden = (1 + Math.sqrt(5)) / 2;
/** Unit vectors to six corners of an icosahedron, one of each opposite pair. */
const icosahedron = [
  [0, 1, golden],
  [0, -1, golden],
  [1, golden, 0],
  [-1, golden, 0],
  [golden, 0, 1],
  [golden, 0, -1],
].map((corner) => corner.map((entry) => entry / Math.sqrt(1 + golden * golden)));

const subscripts = ['₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];

const side = 138;

function example(title: string, rows: Frame['rows']): Fragment {
  return {
    hconcat: [
      { title: panelTitle(title), ...arrows(rows, nameOf, side) },
      { title: panelTitle('W Wᵀ'), ...products(rows) },
      frequencies(rows),
    ],
    spacing: 14,
    resolve: { scale: { color: 'independent' }, legend: { color: 'independent' } },
  };
}

const nameOf = (i: number): string => `W${subscripts[i] ?? String(i + 1)}`;

/** The products of all pairs of rows: [n, n]. */
function products(rows: Frame['rows']): Fragment {
  const n = rows.length;
  const cells = rows.flatMap((a, i) =>
    rows.map((b, j) => ({ x: j + 0.5, x2: j + 1.5, y: i + 0.5, y2: i + 1.5, value: dot(a, b) })),
  );
  const axis = (orient: string): Fragment => ({
    type: 'quantitative',
    title: null,
    scale: { domain: orient === 'left' ? [n + 0.5, 0.5] : [0.5, n + 0.5], nice: false, zero: false },
    axis: { values: rows.map((_, i) => i + 1), format: 'd', grid: false, ticks: false, domain: false, orient },
  });
  const layer: Fragment = {
    data: inline(cells),
    mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 0.72 },
    encoding: {
      x2: { field: 'x2' },
      y2: { field: 'y2' },
      color: {
        field: 'value',
        type: 'quantitative',
        scale: { domain: [-1, 1], range: overlapRange, interpolate: 'rgb' },
        legend: { type: 'gradient', title: null, values: [-1, -0.5, 0, 0.5, 1], format: '.1f', gradientLength: side },
      },
    },
  };
  // In grey print the two ends of the scale look alike.
  const negative: Fragment = {
    data: inline(cells.filter(({ value }) => value < -0.05).map(({ x, y }) => ({ x: x + 0.5, y: y + 0.5 }))),
    mark: { type: 'text', text: '−', color: '#222222' },
  };
  return plot(axis('bottom'), axis('left'), [layer, negative], { width: side, height: side });
}

function frequencies(rows: Frame['rows']): Fragment {
  const n = rows.length;
  const p = featureFrequencies({ frequencies: 'linear', n, density: 1, firstIndex: 0 });
  const bars = rows.map((row, i) => ({ x: i + 0.5, x2: i + 1.5, y: p[i]!, y2: 0, norm: Math.sqrt(dot(row, row)) }));
  const layer: Fragment = {
    data: inline(bars),
    mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 0.72 },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' }, color: normColour },
  };
  const x = linearAxis('Feature rank i', [0.4, n + 0.6], {
    values: rows.map((_, i) => i + 1),
    format: 'd',
    grid: false,
  });
  return plot(x, linearAxis('Frequency', [0, p[0]! * 1.08], { tickCount: 4, format: '~g' }), [layer], {
    width: side,
    height: side,
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, entry, k) => sum + entry * b[k]!, 0);
}

/** The rows turned, which changes none of their products, so that W_1 is the first axis and W_2 lies in the first two. */
function upright(rows: Frame['rows']): number[][] {
  const axes: number[][] = [];
  for (const row of rows) {
    const rest = axes.reduce((left, axis) => subtract(left, axis, dot(left, axis)), [...row]);
    const length = Math.sqrt(dot(rest, rest));
    if (length > 1e-6) axes.push(rest.map((entry) => entry / length));
  }
  return rows.map((row) => axes.map((axis) => dot(row, axis)));
}

function subtract(a: readonly number[], b: readonly number[], factor: number): number[] {
  return a.map((entry, k) => entry - factor * b[k]!);
}
