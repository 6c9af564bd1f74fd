/** Fig. 10c: large models: strongly represented fraction. */
import { some } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { apartBy } from '../parts/set-apart.ts';
import { bounds, ofLarge, ratioToBound } from '../parts/strong-fraction.ts';

export const figure = defineFigure({
  id: '10c',
  title: 'Large models: strongly represented fraction',
  section: 'Large models',
  needs: { experiments: ['large'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const models = some(
    data.sweep('large').models.filter((model) => model.gamma < 0),
    'strong models in "large"',
  );
  return {
    specification: ofLarge(
      data,
      models,
      'Strongly represented fraction φ₁',
      (model) => model.stronglyRepresentedFraction,
      bounds(models, 'below its slope'),
    ),
    caption: `φ₁ of the large models at strong superposition. ${ratioToBound(models)}${apartBy('kind')}`,
  };
}
