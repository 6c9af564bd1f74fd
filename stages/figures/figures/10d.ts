/** Fig. 10d: large models: mean square overlap of strongly represented features. */
import { logAxis, plot, points, rowsOf, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { frequencyMarks } from '../parts/colours.ts';
import { captionOfStrong, frameTheory, overlapDomain, rightMargin, strongOverlaps } from '../parts/overlaps.ts';
import type { Measured } from '../parts/overlaps.ts';
import { frequencyNames } from '../parts/palettes.ts';
import { apartBy, setApartByFrequencies } from '../parts/set-apart.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '10d',
  title: 'Large models: mean square overlap of strongly represented features',
  section: 'Large models',
  needs: { experiments: ['large'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { measured, remark } = strongOverlaps(data, 'large');
  const models = measured.map(({ model }) => model);
  const widths = widthsOf(models);
  const columns = {
    frequencies: ({ model }: Measured) => frequencyNames[model.frequencies]!,
    x: ({ model }: Measured) => setApartByFrequencies(model.m, model.frequencies, widths),
    y: ({ overlap }: Measured) => overlap.meanSquare,
  };
  const rows = rowsOf(measured, columns, 'frequencies', 'x');
  const { color, shape } = frequencyMarks(models.map((model) => model.frequencies));
  const y = logAxis('Mean square overlap', overlapDomain(measured));
  // No lines between the points: they would hide that of 1/m.
  const layers = [...frameTheory(models), points(rows, { color, shape })];
  return {
    specification: sheet(data.title, scaleOf(models), plot(widthAxis(widths, rightMargin(widths)), y, layers)),
    caption: captionOfStrong(measured) + apartBy('kind') + remark,
  };
}
