/** Fig. 6b: row norms of one model at strong superposition. */
import { fixed, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { nearestCells } from '../needs.ts';
import { normDensity, normHistogram } from '../parts/row-norms.ts';
import { example, size, strength } from '../parts/strong-rows.ts';

export const figure = defineFigure({
  id: '6b',
  title: 'Row norms of one model at strong superposition',
  section: 'Strong superposition: the geometry of overlaps',
  needs: {
    experiments: ['small'],
    superposition: 'strong',
    models: (cells) => nearestCells(cells, { alpha: 0.5, gamma: -5 / 9 }),
  },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { model, subtitle, remark } = example(data);
  const width = model.summary.n >= 300 ? 0.025 : 0.05;
  const bins = normHistogram(model.rowNorm, width);
  const peak = (above: boolean): string => {
    const side = bins.filter((bin) => (above ? bin.low >= 1 - 1e-9 : bin.high <= 1 + 1e-9));
    const best = side.reduce((a, b) => (b.density > a.density ? b : a), {
      low: Number.NaN,
      high: Number.NaN,
      density: 0,
    });
    return best.density > 0 ? `${fixed(best.density, 1)} at norm ${fixed((best.low + best.high) / 2)}` : 'none';
  };
  return {
    specification: sheet(data.title, subtitle, normDensity(model.rowNorm, width, 1, strength, size)),
    caption:
      `Density of row norms. Highest below 1: ${peak(false)}; highest above 1: ${peak(true)}; ` +
      `within 0.025 of 1: ${fixed(model.summary.normDensityAtOne, 1)}. The dashed line is at norm 1.${remark}`,
  };
}
