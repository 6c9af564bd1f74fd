/** A quantity over weight decay (x) and data exponent (y), as a grid of cells. */
import { inline, linearAxis, panel, plot } from 'repro/figures';
import type { Fragment, Interval } from 'repro/figures';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface HeatCell {
  readonly gamma: number;
  readonly alpha: number;
  readonly value: number;
}

/** The edges of the cells about ascending values: halfway between neighbours. */
export function cellEdges(values: readonly number[]): Interval[] {
  return values.map((value, i) => {
    const before = values[i - 1];
    const after = values[i + 1];
    const below = before === undefined ? (after === undefined ? 1 : after - value) : value - before;
    const above = after === undefined ? below : after - value;
    return [value - below / 2, value + above / 2];
  });
}

/** The interval of cell edges around those values that pass. */
export function edgeSpan(values: readonly number[], passes: (value: number) => boolean): Interval | undefined {
  const edges = cellEdges(values).filter((_, i) => passes(values[i]!));
  return edges.length ? [edges[0]![0], edges.at(-1)![1]] : undefined;
}

export function heatMap(
  cells: readonly HeatCell[],
  gammas: readonly number[],
  alphas: readonly number[],
  colour: Fragment,
  over: readonly Fragment[] = [],
  size: Size = panel,
  titles: readonly [string | null, string | null] = ['Weight decay γ', 'Data exponent α'],
): Fragment {
  const gammaEdges = cellEdges(gammas);
  const alphaEdges = cellEdges(alphas);
  const rows = cells.map(({ gamma, alpha, value }) => {
    const [x, x2] = gammaEdges[gammas.indexOf(gamma)]!;
    const [y, y2] = alphaEdges[alphas.indexOf(alpha)]!;
    // Over the edge of the next cell, which covers it: no seam shines through.
    const over = (edges: Interval[], from: number, to: number): number =>
      Math.min(edges.at(-1)![1], to + 0.05 * (to - from));
    return { x, x2: over(gammaEdges, x, x2), y, y2: over(alphaEdges, y, y2), gamma, alpha, value };
  });
  // The cells of a few values are wide: a tick in the middle of each says what they stand for.
  const few = gammas.length <= 4;
  const gammaTicks = few
    ? { values: gammas, format: '.2~f' }
    : { values: size.width < 120 ? [-1, 0, 1] : [-1, -0.5, 0, 0.5, 1], format: '~g' };
  const x = linearAxis(titles[0], [gammaEdges[0]![0], gammaEdges.at(-1)![1]], { ...gammaTicks, grid: false });
  const y = linearAxis(titles[1], [alphaEdges[0]![0], alphaEdges.at(-1)![1]], {
    values: [0, 0.5, 1, 1.5, 2],
    format: '.1f',
    grid: false,
  });
  const layer: Fragment = {
    data: inline(rows),
    mark: { type: 'rect' },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' }, color: colour },
  };
  // A cross where nothing was measured: in grey print an empty cell looks like one of the lightest colour.
  const measured = new Set(rows.map(({ gamma, alpha }) => `${gamma} ${alpha}`));
  const empty = gammas.flatMap((gamma, i) =>
    alphas.flatMap((alpha, j) => {
      if (measured.has(`${gamma} ${alpha}`)) return [];
      const [left, right] = gammaEdges[i]!;
      const [bottom, top] = alphaEdges[j]!;
      return [
        { x: left, x2: right, y: bottom, y2: top },
        { x: left, x2: right, y: top, y2: bottom },
      ];
    }),
  );
  const crosses: Fragment = {
    data: inline(empty),
    mark: { type: 'rule', stroke: '#999999', strokeWidth: 0.72 },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' } },
  };
  const frame: Fragment = {
    data: inline([
      { x: gammaEdges[0]![0], x2: gammaEdges.at(-1)![1], y: alphaEdges[0]![0], y2: alphaEdges.at(-1)![1] },
    ]),
    mark: { type: 'rect', filled: false, stroke: '#444444', strokeWidth: 0.72 },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' } },
  };
  return plot(
    x,
    y,
    [layer, ...(empty.length ? [crosses] : []), frame, ...over],
    wholeCells(size, gammas.length, alphas.length),
  );
}

/** The size with sides that are multiples of the cell counts: edges between pixels would show as seams. */
function wholeCells({ width, height }: Size, columns: number, rows: number): Fragment {
  return {
    width: Math.max(1, Math.round(width / columns)) * columns,
    height: Math.max(1, Math.round(height / rows)) * rows,
  };
}
