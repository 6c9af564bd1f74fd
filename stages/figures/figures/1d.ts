/** Fig. 1d: strong superposition: loss against model dimension. */
import { defineFigure, runFigure } from '../define.ts';
import { lossAgainstWidth } from '../parts/loss-against-width.ts';

export const figure = defineFigure({
  id: '1d',
  title: 'Strong superposition: loss against model dimension',
  section: 'Loss against model dimension',
  needs: { experiments: ['large'], standIn: ['small'], superposition: 'strong', published: true, besideLosses: true },
  draw: (data) => lossAgainstWidth(data, 'strong'),
});
export const run = runFigure(figure);
