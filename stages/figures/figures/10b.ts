/** Fig. 10b: large models: loss against the loss by unlearned features. */
import { points, rowsOf, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { frequencyMarks } from '../parts/colours.ts';
import { frequencyNames } from '../parts/palettes.ts';
import { regimeOf, regimeRim } from '../parts/regimes.ts';
import { againstTheory, captionOf } from '../parts/unlearned-loss.ts';

export const figure = defineFigure({
  id: '10b',
  title: 'Large models: loss against the loss by unlearned features',
  section: 'Large models',
  needs: { experiments: ['large'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { models } = data.sweep('large');
  const columns = {
    frequencies: (model: ModelSummary) => frequencyNames[model.frequencies]!,
    regime: regimeOf,
    x: ({ unlearnedLoss }: ModelSummary) => unlearnedLoss,
    y: ({ loss }: ModelSummary) => loss,
  };
  const rows = rowsOf(models, columns, 'frequencies', 'regime', 'x');
  const { color, shape } = frequencyMarks(models.map((model) => model.frequencies));
  const marks = points(rows, { color, shape, strokeWidth: regimeRim(models) }, { size: 34 });
  return { specification: sheet(data.title, scaleOf(models), againstTheory(rows, marks)), caption: captionOf(models) };
}
