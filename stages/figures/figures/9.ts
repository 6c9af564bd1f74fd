/** Fig. 9: row norms of the large models. */
import { sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf } from '../figure-data.ts';
import type { FigureData, Measurement } from '../figure-data.ts';
import { originals } from '../needs.ts';
import { axesOfGrid, grid } from '../parts/norm-distributions.ts';
import { frequencyNames } from '../parts/palettes.ts';
import { regimeOf } from '../parts/regimes.ts';

export const figure = defineFigure({
  id: '9',
  title: 'Row norms of the large models',
  section: 'Large models',
  needs: { experiments: ['large'], models: (cells) => originals(cells) },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const models = data.measurements;
  const label = ({ summary }: Measurement): string => `${frequencyNames[summary.frequencies]!}, ${regimeOf(summary)}`;
  const order = ['power-law', 'exponential', 'linear'].flatMap((name) =>
    ['strong', 'weak'].map((regime) => `${frequencyNames[name]!}, ${regime}`),
  );
  const present = order.filter((name) => models.some((model) => label(model) === name));
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models.map(({ summary }) => summary))}; ${axesOfGrid}`,
      grid(models, label, present, 1),
    ),
    caption:
      'Row norms of the large models by feature frequencies and regime (rows) and model dimension (columns); each panel is scaled to its highest bin (heights by square root), ' +
      "and the norm 1 divides the colours. The paper's caption calls both last pairs of rows exponential; its last pair is the linear one.",
  };
}
