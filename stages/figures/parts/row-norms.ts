/** Panels on the rows of one trained model: frequency by rank, and the histogram of row norms. */
import { ink, inline, linearAxis, lines, logAxis, plot } from 'repro/figures';
import type { Fragment } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import type { Measurement } from '../figure-data.ts';
import { normRange } from './palettes.ts';

export interface Bin {
  readonly low: number;
  readonly high: number;
  /** Share of rows per unit of norm. */
  readonly density: number;
}

/** Normalised histogram with bins that have an edge at 1 and at 0. */
export function normHistogram(norms: readonly number[], width: number): Bin[] {
  const perUnit = Math.round(1 / width);
  const counts: number[] = [];
  for (const norm of norms) {
    const bin = Math.floor(norm * perUnit);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return Array.from(counts, (count = 0, i) => ({
    low: i / perUnit,
    high: (i + 1) / perUnit,
    density: (count / norms.length) * perUnit,
  }));
}

/** Each feature a bar from its rank - 1/2 to its rank + 1/2, as high as its frequency. `colour` sees the fields norm and strong. */
export function frequencyByRank(
  { frequency, rowNorm }: Measurement,
  colour: Fragment,
  size: Fragment,
  title = 'Rank',
): Fragment {
  const last = frequency.at(-1)!;
  const floor = last / 2;
  const rows = frequency.map((y, i) => ({
    x: i + 0.5,
    // Over the edge of the next bar, which covers it: the page must not shine through between them.
    x2: i + 1 === frequency.length ? i + 1.5 : (i + 1.5) * 1.004,
    y,
    y2: floor,
    norm: rowNorm[i]!,
    strong: rowNorm[i]! > 1 ? strongLabel : weakLabel,
  }));
  const layer: Fragment = {
    data: inline(rows),
    mark: { type: 'rect', strokeWidth: 0 },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' }, color: colour },
  };
  return plot(
    logAxis(title, [0.5, frequency.length + 0.5]),
    logAxis('Frequency', [floor, frequency[0]! * 1.15]),
    [layer],
    size,
  );
}

export const strongLabel = 'norm > 1';
export const weakLabel = 'norm ≤ 1';

/** Bars coloured by `colour`, which sees the fields norm (middle of the bin) and strong; a rule at the dividing norm. */
export function normDensity(
  norms: readonly number[],
  width: number,
  divide: number,
  colour: Fragment,
  size: Fragment,
  logarithmic = false,
): Fragment {
  const bins = normHistogram(norms, width).filter((bin) => bin.density > 0);
  const highest = Math.max(...bins.map((bin) => bin.density));
  const lowest = Math.min(...bins.map((bin) => bin.density));
  const [floor, top] = logarithmic ? [lowest / 2, highest * 1.5] : [0, highest * 1.08];
  const rows = bins.map(({ low, high, density }) => ({
    x: low,
    x2: high,
    y: density,
    y2: floor,
    norm: (low + high) / 2,
    strong: low >= 1 - width / 2 ? strongLabel : weakLabel,
  }));
  const y = logarithmic
    ? logAxis('Density', [floor, top])
    : linearAxis('Density', [floor, top], { format: '~g', tickCount: 4 });
  const left = logarithmic ? 0 : Math.min(bins[0]!.low, divide) - width;
  const x = linearAxis('Row norm ‖Wᵢ‖', [left, Math.max(bins.at(-1)!.high, divide) + width], { format: '~g' });
  const layer: Fragment = {
    data: inline(rows),
    mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 0.36 },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' }, color: colour },
  };
  const rule = lines(
    [
      { x: divide, y: floor },
      { x: divide, y: top },
    ],
    {},
    { color: ink, strokeDash: [4, 3], strokeWidth: 1.01 },
  );
  return plot(x, y, [layer, rule], size);
}

/** Row norms from grey at 0 to dark red beyond 1. */
export const normColour: Fragment = {
  field: 'norm',
  type: 'quantitative',
  scale: { domain: [0, 1.2], range: normRange, clamp: true, interpolate: 'rgb' },
  legend: { title: 'Row norm', values: [0, 0.5, 1], format: '.1f', gradientLength: 100 },
};

/** Values from low to high, evenly spaced on a logarithmic axis. */
export function geometricSpace(low: number, high: number, count: number): number[] {
  const [start, step] = [ln(low), (ln(high) - ln(low)) / (count - 1)];
  return Array.from({ length: count }, (_, i) => exp(start + i * step));
}
