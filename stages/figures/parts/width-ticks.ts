/** Axes over model dimensions. */
import { decadeTicks } from 'repro/figures';
import type { Fragment, Interval } from 'repro/figures';

/** A logarithmic axis over model dimensions that are too many to label each: 512, 1000, 2000, 5000, 10 000. */
export function widthTicks(widths: readonly number[], margin = 1.25, title = 'Model dimension m'): Fragment {
  const domain: Interval = [Math.min(...widths) / margin, Math.max(...widths) * margin];
  const { ticks, labels } = decadeTicks(domain);
  const shown = JSON.stringify(Object.fromEntries(labels.map((value) => [String(value), String(value)])));
  return {
    type: 'quantitative',
    title,
    scale: { type: 'log', domain, nice: false },
    axis: {
      values: ticks,
      labelExpr: `${shown}[toString(datum.value)] || ''`,
      labelOverlap: false,
      gridOpacity: { condition: { test: `isDefined(${shown}[toString(datum.value)])`, value: 1 }, value: 0 },
    },
  };
}

/**
 * A logarithmic axis with a tick at each model dimension of the sweep, rather than at powers of ten. `all`: what it has
 * to hold, where others are shown too.
 */
export function widthAxis(widths: readonly number[], rightMargin = 1.15, all = widths): Fragment {
  const domain = [Math.min(...all) / 1.15, Math.max(...all) * rightMargin];
  return {
    type: 'quantitative',
    title: 'Model dimension m',
    scale: { type: 'log', domain, nice: false },
    axis: { values: widths, format: 'd', labelOverlap: 'greedy' },
  };
}
