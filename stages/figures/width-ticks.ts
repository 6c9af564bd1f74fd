import { decadeTicks } from './axes.ts';
import type { Interval } from './axes.ts';
import type { Fragment } from './theme.ts';

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
