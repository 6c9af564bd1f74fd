/** Fig. 1b: weak superposition: loss against model dimension. */
import { defineFigure, runFigure } from '../define.ts';
import { lossAgainstWidth } from '../parts/loss-against-width.ts';

export const figure = defineFigure({
  id: '1b',
  title: 'Weak superposition: loss against model dimension',
  section: 'Loss against model dimension',
  needs: { experiments: ['large'], standIn: ['small'], superposition: 'weak', published: true },
  draw: (data) => lossAgainstWidth(data, 'weak'),
});
export const run = runFigure(figure);
