/** Fig. 19: row norms of the head of one language model. */
import { fixed, inline, linearAxis, plot, sheet } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';

export const figure = defineFigure({
  id: '19',
  title: 'Row norms of the head of one language model',
  section: 'Language models',
  needs: { language: 'head' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { summary, normHistogram } = data.languageEvidence('head');
  const { from, width, counts } = normHistogram;
  const bins = counts.map((count, i) => ({
    low: from + i * width,
    high: from + (i + 1) * width,
    x: from + (i + 0.5) * width,
    y: count / (summary.directed * width),
  }));
  const top = Math.max(...bins.map((bin) => bin.y));
  const bars: Fragment = {
    data: inline(bins.map(({ low, high, y }) => ({ low, high, y, zero: 0 }))),
    mark: { type: 'rect', color: '#7fa8d1', stroke: '#33557a', strokeWidth: 0.29 },
    encoding: {
      x: { field: 'low', type: 'quantitative' },
      x2: { field: 'high' },
      y: { field: 'y', type: 'quantitative' },
      y2: { field: 'zero' },
    },
  };
  const { norm, m, n, model } = summary;
  const axis = linearAxis('Row norm ‖Wᵢ‖', [Math.max(0, from - 2 * width), from + (counts.length + 2) * width], {
    format: '~g',
  });
  const peak = bins.reduce((a, b) => (b.y > a.y ? b : a));
  return {
    specification: sheet(
      data.title,
      `${model}: ${n} rows of width ${m}`,
      plot(axis, linearAxis('Density', [0, top * 1.06], { format: '~g' }), [bars]),
    ),
    caption:
      `Density of the row norms of the head of ${model}: mean ${fixed(norm.mean)}, standard deviation ${fixed(norm.standardDeviation)}, from ${fixed(norm.minimum)} to ${fixed(norm.maximum)}, highest at ${fixed(peak.x)}. ` +
      (norm.minimum > 0 ? 'No row is zero.' : 'Some rows are zero.'),
  };
}
