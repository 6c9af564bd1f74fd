/** The layers that figures are made of, and the page that holds them. Rows have fields `x` and `y`. */
import type { Fragment } from './figure.ts';
import { compactRow } from './rows.ts';
import type { Row } from './rows.ts';
import { textWidth } from './font-metrics.ts';
import { column, config, faint, ink, page, panel, sheetOf, text } from './theme.ts';

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
    mark: {
      type: 'point',
      filled: true,
      clip: true,
      size: 28,
      opacity: 1,
      stroke: '#333333',
      strokeWidth: 0.5,
      ...mark,
    },
    encoding,
  };
}

/** Rings without a filling, for points that were not measured here but published by others. */
export function hollow(rows: readonly Row[], encoding: Fragment = {}, mark: Fragment = {}): Fragment {
  return {
    data: inline(rows),
    mark: { type: 'point', filled: false, clip: true, size: 24, opacity: 0.85, strokeWidth: 1, color: faint, ...mark },
    encoding,
  };
}

/** Lines through the rows of each group. */
export function lines(rows: readonly Row[], encoding: Fragment = {}, mark: Fragment = {}): Fragment {
  return { data: inline(rows), mark: { type: 'line', strokeWidth: 1.2, clip: true, ...mark }, encoding };
}

/** Vertical bars from the field `low` to the field `high`. `y`: the figure's y axis. */
export function errorBars(rows: readonly Row[], y: Fragment, encoding: Fragment = {}, mark: Fragment = {}): Fragment {
  return {
    data: inline(rows),
    mark: { type: 'rule', strokeWidth: 1, clip: true, ...mark },
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
  return list.flatMap(
    ({ x, y, text: words, align = 'left', dx = 0, dy = 0, colour = ink, size = text.small, halo = '#ffffff' }) => {
      const mark = { type: 'text', align, baseline: 'middle', dx, dy, fontSize: size };
      const layer = (style: Fragment): Fragment => ({
        data: inline([{ x, y, text: words }]),
        mark: { ...mark, ...style },
        encoding: { text: { field: 'text', type: 'nominal' } },
      });
      return [
        layer({ color: halo, stroke: halo, strokeWidth: 2.5, strokeJoin: 'round', opacity: 0.9 }),
        layer({ color: colour }),
      ];
    },
  );
}

/** A line of theory: dashed, dark, and with a label at a place of its own. */
export function theory(curve: readonly Point[], label?: Label, mark: Fragment = {}): Fragment[] {
  const line = lines(
    curve.map(({ x, y }) => ({ x, y })),
    {},
    { color: ink, strokeDash: [5, 3], strokeWidth: 1.2, ...mark },
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
      mark: { type: 'line', color: faint, strokeWidth: 1 },
      encoding: { order: { field: 'order', type: 'quantitative' } },
    },
    ...labels([{ x: x * factor, y: y / 1.25, text: '−1', dx: 4, colour: faint }]),
  ];
}

/**
 * x-y axes, then layers. Without a size, a sheet of this one plot makes it fill a column. A point outside the axes is
 * left out: the renderer of PNGs ends the process where all of a layer is beyond the page.
 */
export function plot(x: Fragment, y: Fragment, layer: readonly Fragment[], size?: Fragment): Fragment {
  const [inX, inY] = [within(x), within(y)];
  const shown = layer.map((one) => {
    const { mark, data } = one as { mark?: { type?: string }; data?: { values?: readonly Row[] } };
    if (mark?.type !== 'point' || !data?.values) return one;
    return { ...one, data: { values: data.values.filter((row) => inX(row['x']) && inY(row['y'])) } };
  });
  return { ...size, encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } }, layer: shown };
}

/** Whether a value is on an axis; any is on an axis without a domain of numbers. */
function within(axis: Fragment): (value: number | string | null | undefined) => boolean {
  const domain = (axis['scale'] as { domain?: readonly unknown[] } | undefined)?.domain ?? [];
  if (domain.length !== 2 || !domain.every((end) => typeof end === 'number')) return () => true;
  const [low, high] = [...(domain as number[])].sort((a, b) => a - b) as [number, number];
  return (value) => typeof value !== 'number' || (value >= low && value <= high);
}

/** The title of one panel of several. */
export function panelTitle(words: string): Fragment {
  return { text: words, fontSize: text.small, fontWeight: 'normal', anchor: 'middle', offset: 4, frame: 'group' };
}

/** Title and view of a figure with one panel, or several side by side. `wide`: two columns rather than one. */
export function sheet(title: string, subtitle: string, body: Fragment, wide = 'layer' in body === false): Fragment {
  const width = wide ? page : column;
  const fills = 'layer' in body && !('width' in body);
  const size = fills
    ? { width: width - 10, height: body['height'] ?? panel.height + 90, autosize: { type: 'fit', contains: 'content' } }
    : {};
  const titles = {
    text: wrapped(title, width - 12, text.large, true),
    ...(subtitle && { subtitle: wrapped(subtitle, width - 12, text.small, false) }),
  };
  return { ...sheetOf, title: titles, ...body, ...size, config };
}

/** The lines of a text that is to be no wider than so many units. */
function wrapped(words: string, width: number, fontSize: number, bold: boolean): string[] {
  const lines = [''];
  for (const word of words.split(' ')) {
    const longer = lines.at(-1) ? `${lines.at(-1)!} ${word}` : word;
    if (lines.at(-1) && textWidth(longer, fontSize, bold) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
