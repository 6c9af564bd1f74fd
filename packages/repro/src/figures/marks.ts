/** The layers that figures are made of, and the page that holds them. Rows have fields `x` and `y`. */
import type { Fragment } from './figure.ts';
import { compactRow } from './rows.ts';
import type { Row } from './rows.ts';
import { config, faint, ink, page, panel } from './theme.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function inline(rows: readonly Row[]): Fragment {
  return { values: rows.map((row) => compactRow({ ...row })) };
}

/** Filled circles with a thin dark rim, so that pale colours stand out from the page. */
export function points(rows: readonly Row[], encoding: Fragment = {}, mark: Fragment = {}): Fragment {
  return {
    data: inline(rows),
    mark: { type: 'point', filled: true, size: 70, opacity: 1, stroke: '#333333', strokeWidth: 0.6, ...mark },
    encoding,
  };
}

/** Lines through the rows of each group. */
export function lines(rows: readonly Row[], encoding: Fragment = {}, mark: Fragment = {}): Fragment {
  return { data: inline(rows), mark: { type: 'line', strokeWidth: 1.6, clip: true, ...mark }, encoding };
}

/** Vertical bars from the field `low` to the field `high`. `y`: the figure's y axis. */
export function errorBars(rows: readonly Row[], y: Fragment, encoding: Fragment = {}, mark: Fragment = {}): Fragment {
  return {
    data: inline(rows),
    mark: { type: 'rule', strokeWidth: 1.5, clip: true, ...mark },
    encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' }, ...encoding },
  };
}

export interface Label extends Point {
  readonly text: string;
  readonly align?: 'left' | 'center' | 'right';
  readonly dx?: number;
  readonly dy?: number;
  readonly colour?: string;
  readonly size?: number;
  readonly halo?: string;
}

/** Words at a place of the plot, with a halo that keeps them legible on top of lines and points. */
export function labels(list: readonly Label[]): Fragment[] {
  return list.flatMap(({ x, y, text, align = 'left', dx = 0, dy = 0, colour = ink, size = 12, halo = '#ffffff' }) => {
    const mark = { type: 'text', align, baseline: 'middle', dx, dy, fontSize: size };
    const layer = (style: Fragment): Fragment => ({
      data: inline([{ x, y, text }]),
      mark: { ...mark, ...style },
      encoding: { text: { field: 'text', type: 'nominal' } },
    });
    return [
      layer({ color: halo, stroke: halo, strokeWidth: 3.5, strokeJoin: 'round', opacity: 0.9 }),
      layer({ color: colour }),
    ];
  });
}

/** A line of theory: dashed, dark, and with a label at a place of its own. */
export function theory(curve: readonly Point[], label?: Label, mark: Fragment = {}): Fragment[] {
  const line = lines(
    curve.map(({ x, y }) => ({ x, y })),
    {},
    { color: ink, strokeDash: [6, 4], strokeWidth: 1.8, ...mark },
  );
  return label ? [line, ...labels([label])] : [line];
}

/** A right triangle under a falling line of slope -1 in log-log: from (x, y) over a factor, labelled with its slope. */
export function slopeTriangle(x: number, y: number, factor: number): Fragment[] {
  const triangle = [
    { x, y },
    { x: x * factor, y },
    { x: x * factor, y: y / factor },
    { x, y },
  ];
  return [
    {
      data: inline(triangle.map((corner, order) => ({ ...corner, order }))),
      mark: { type: 'line', color: faint, strokeWidth: 1.4 },
      encoding: { order: { field: 'order', type: 'quantitative' } },
    },
    ...labels([{ x: x * factor, y: y / 1.25, text: '−1', dx: 6, colour: faint }]),
  ];
}

/** x-y axes, then layers. */
export function plot(x: Fragment, y: Fragment, layer: readonly Fragment[], size: Fragment = panel): Fragment {
  return { ...size, encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } }, layer };
}

/** The title of one panel of several. */
export function panelTitle(text: string): Fragment {
  return { text, fontSize: 12, fontWeight: 'normal', anchor: 'middle', offset: 6, frame: 'group' };
}

/** Title and view of a figure with one panel, or several side by side. */
export function sheet(title: string, subtitle: string | readonly string[], body: Fragment): Fragment {
  return { ...page, title: { text: title, subtitle }, ...body, config };
}
