/** Fig. 6d: mean square overlap of strongly represented features. */
import { logAxis, plot, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import {
  apart,
  byAlpha,
  captionOfStrong,
  frameTheory,
  overlapDomain,
  rightMargin,
  strongOverlaps,
} from '../parts/overlaps.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '6d',
  title: 'Mean square overlap of strongly represented features',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { experiments: ['small'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { measured, remark } = strongOverlaps(data, 'small');
  const models = measured.map(({ model }) => model);
  const y = logAxis('Mean square overlap', overlapDomain(measured));
  const layers = [...byAlpha(measured, (overlap) => overlap.meanSquare), ...frameTheory(models)];
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, every γ < 0`,
      plot(widthAxis(widthsOf(models), rightMargin(widthsOf(models))), y, layers),
    ),
    caption: captionOfStrong(measured) + apart + remark,
  };
}
