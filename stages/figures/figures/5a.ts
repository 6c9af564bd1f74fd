/** Fig. 5a: loss against the loss by unlearned features. */
import { points, rowsOf, sheet } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { gammaColour } from '../parts/colours.ts';
import { againstTheory, captionOf } from '../parts/unlearned-loss.ts';

export const figure = defineFigure({
  id: '5a',
  title: 'Loss against the loss by unlearned features',
  section: 'Weak superposition: the loss of unlearned features',
  needs: { experiments: ['small'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { models } = data.sweep('small');
  // Extremes of gamma last would hide the middle; by loss the colours mix as the authors' do.
  const rows = rowsOf(
    models,
    {
      gamma: ({ gamma }) => gamma,
      sign: ({ gamma }) => (gamma < 0 ? 'γ < 0' : 'γ > 0'),
      x: ({ unlearnedLoss }) => unlearnedLoss,
      y: ({ loss }) => loss,
    },
    'y',
    'gamma',
  );
  const marks = points(rows, { color: gammaColour, shape: signShape }, { opacity: 0.8, size: 20, strokeWidth: 0.22 });
  return { specification: sheet(data.title, scaleOf(models), againstTheory(rows, marks)), caption: captionOf(models) };
}

/** Grey print shows red and blue alike: the two signs, on which the figure turns, differ in shape too. */
const signShape: Fragment = {
  field: 'sign',
  type: 'nominal',
  scale: { domain: ['γ < 0', 'γ > 0'], range: ['square', 'circle'] },
  legend: { title: null, symbolFillColor: '#bbbbbb', symbolStrokeColor: '#333333', symbolSize: 36 },
};
