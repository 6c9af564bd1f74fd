/** Fig. 11: row norms of every model at weak superposition. */
import { defineFigure, runFigure } from '../define.ts';
import { nearestCells } from '../needs.ts';
import { ofSmallModels } from '../parts/norm-distributions.ts';

export const figure = defineFigure({
  id: '11',
  title: 'Row norms of every model at weak superposition',
  section: 'Weight decay tunes superposition',
  needs: { experiments: ['small'], superposition: 'weak', models: (cells) => nearestCells(cells, { gamma: 5 / 9 }) },
  draw: (data) => ofSmallModels(data, 0.5, 5 / 9),
});
export const run = runFigure(figure);
