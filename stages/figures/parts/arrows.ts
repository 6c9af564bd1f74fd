/** Vectors in three dimensions as lollipops from the origin, seen from the diagonal. */
import { faint, inline, labels, lines, plot } from 'repro/figures';
import type { Fragment } from 'repro/figures';
import { featureColours } from './palettes.ts';

/** Isometric: the first axis points up, the second to the front left, the third to the front right. */
const screen: readonly (readonly [number, number])[] = [
  [0, Math.sqrt(2 / 3)],
  [-Math.sqrt(1 / 2), -Math.sqrt(1 / 6)],
  [Math.sqrt(1 / 2), -Math.sqrt(1 / 6)],
];
const reach = 1.38;

interface Seen {
  readonly x: number;
  readonly y: number;
  /** Towards the eye. */
  readonly depth: number;
}

function seen(vector: readonly number[]): Seen {
  const sum = (weights: readonly number[]): number =>
    weights.reduce((total, weight, k) => total + weight * (vector[k] ?? 0), 0);
  return { x: sum(screen.map(([x]) => x)), y: sum(screen.map(([, y]) => y)), depth: sum([1, 1, 1]) / Math.sqrt(3) };
}

/** Rows of at most three entries; a row of zeros is a point at the origin, unnamed. Those behind are drawn first. */
export function arrows(rows: readonly (readonly number[])[], name: (i: number) => string, side: number): Fragment {
  const ends = rows.map((row, i) => ({
    ...seen(row),
    name: name(i),
    colour: featureColours[i % featureColours.length]!,
    zero: row.every((entry) => entry === 0),
  }));
  const axis = {
    type: 'quantitative',
    title: null,
    scale: { domain: [-reach, reach], nice: false, zero: false },
    axis: null,
  };
  const drawn = [...ends].filter(({ zero }) => !zero).sort((a, b) => a.depth - b.depth);
  const layers = drawn.flatMap(({ x, y, depth, colour, name }) => {
    const length = Math.sqrt(x * x + y * y) || 1;
    const nearness = 1 + 0.45 * depth;
    const out = 0.27 + 0.07 * depth;
    return [
      lines(
        [
          { x: 0, y: 0 },
          { x, y },
        ],
        {},
        { color: colour, strokeWidth: 1.87, clip: false },
      ),
      point({ x, y }, colour, 130 * nearness * nearness),
      ...labels([{ x: x + (out * x) / length, y: y + (out * y) / length, text: name, align: 'center' }]),
    ];
  });
  const nothing = ends.some(({ zero }) => zero)
    ? [point({ x: 0, y: 0 }, '#ffffff', 60), ...zeroLabel(ends.filter(({ zero }) => zero).map((end) => end.name))]
    : [];
  return {
    ...plot(axis, axis, [outline(side), ...guides(), ...layers, ...nothing], { width: side, height: side }),
    view: { stroke: null },
  };
}

function zeroLabel(names: readonly string[]): Fragment[] {
  const text = names.length > 1 ? `${names[0]!} to ${names.at(-1)!} = 0` : `${names[0]!} = 0`;
  // Below the outline of the sphere, which it would cross next to its point.
  return labels([{ x: 0, y: -1.24, text: `○ ${text}`, align: 'center', size: 9.4, colour: faint }]);
}

function point(at: { x: number; y: number }, fill: string, size: number): Fragment {
  return {
    data: inline([at]),
    mark: { type: 'point', filled: true, fill, size, opacity: 1, stroke: '#333333', strokeWidth: 0.58 },
  };
}

/** A sphere is seen as a circle from anywhere. Its area in square pixels is what the mark's size means. */
function outline(side: number): Fragment {
  const diameter = side / reach;
  return {
    data: inline([{ x: 0, y: 0 }]),
    mark: { type: 'point', filled: false, size: diameter * diameter, stroke: '#cccccc', strokeWidth: 0.72, opacity: 1 },
  };
}

function guides(): Fragment[] {
  return screen.map(([x, y]) =>
    lines(
      [
        { x: 0, y: 0 },
        { x: 0.42 * x, y: 0.42 * y },
      ],
      {},
      { color: faint, strokeDash: [3, 3], strokeWidth: 0.86 },
    ),
  );
}
