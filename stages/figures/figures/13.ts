/** Fig. 13: represented fraction at every model dimension. */
import { panelTitle, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { fractionMap, meansBySign } from '../parts/represented-fraction.ts';

export const figure = defineFigure({
  id: '13',
  title: 'Represented fraction at every model dimension',
  section: 'Weight decay tunes superposition',
  needs: { experiments: ['small'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const models = sweep.models.filter((model) => model.alpha !== null);
  const widths = widthsOf(models);
  const maps = widths.map((m, i) => ({
    title: panelTitle(`m = ${m}`),
    ...fractionMap(
      data,
      models.filter((model) => model.m === m),
      { width: 93, height: 93 },
      titlesAt(i, widths.length),
    ),
  }));
  return {
    specification: sheet(data.title, scaleOf(models), { concat: maps, columns, spacing: 10 }),
    caption: `φ₁∕₂ over weight decay and data exponent, one panel per model dimension. ${meansBySign(models)}`,
  };
}

const columns = 3;

/** Axis titles on the left and at the foot only. */
function titlesAt(i: number, count: number): [string | null, string | null] {
  return [i + columns >= count ? 'Weight decay γ' : null, i % columns === 0 ? 'Data exponent α' : null];
}
