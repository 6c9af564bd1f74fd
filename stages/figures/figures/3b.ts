/** Fig. 3b: represented fraction over weight decay and data exponent. */
import { sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { middle } from '../needs.ts';
import { fractionMap, meansBySign } from '../parts/represented-fraction.ts';

export const figure = defineFigure({
  id: '3b',
  title: 'Represented fraction over weight decay and data exponent',
  section: 'Weight decay tunes superposition',
  needs: { experiments: ['small'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const m = middle(widthsOf(sweep.models));
  const models = sweep.models.filter((model) => model.m === m && model.alpha !== null);
  return {
    specification: sheet(data.title, scaleOf(models), fractionMap(data, models)),
    caption: `φ₁∕₂ at m = ${m}, the middle of this set. ${meansBySign(models)}`,
  };
}
