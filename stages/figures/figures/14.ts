/** Fig. 14: how well the loss is a power law of the model dimension. */
import { sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { alphasOf, gammasOf, scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { heatColour } from '../parts/colours.ts';
import { powerLawFits } from '../parts/exponents.ts';
import { heatMap } from '../parts/heat-map.ts';
import { exponentScheme } from '../parts/palettes.ts';

export const figure = defineFigure({
  id: '14',
  title: 'How well the loss is a power law of the model dimension',
  section: 'Model exponents',
  needs: { experiments: ['small'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const fits = powerLawFits(data, sweep);
  const cells = fits.map(({ gamma, alpha, r2 }) => ({ gamma, alpha, value: r2 }));
  const colour = heatColour(['R² of', 'the fit'], [0, 1], { scheme: exponentScheme });
  const shares = [
    { where: 'γ < 0', some: fits.filter(({ gamma }) => gamma < 0) },
    { where: 'γ > 0', some: fits.filter(({ gamma }) => gamma > 0) },
  ].flatMap(({ where, some }) =>
    some.length ? [{ where, count: some.filter(({ r2 }) => r2 >= 0.95).length, of: some.length }] : [],
  );
  const told = shares.map(
    ({ where, count, of }, i) => `${count} of ${of}${i ? '' : of === 1 ? ' cell' : ' cells'} with ${where}`,
  );
  return {
    specification: sheet(data.title, scaleOf(sweep.models), heatMap(cells, gammasOf(fits), alphasOf(fits), colour)),
    caption: `R² of the line fitted to log L against log m. At least 0.95: ${told.join(', ')}.`,
  };
}
