/** Fig. 12: row norms of every model at strong superposition. */
import { defineFigure, runFigure } from '../define.ts';
import { nearestCells } from '../needs.ts';
import { ofSmallModels } from '../parts/norm-distributions.ts';

export const figure = defineFigure({
  id: '12',
  title: 'Row norms of every model at strong superposition',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { experiments: ['small'], superposition: 'strong', models: (cells) => nearestCells(cells, { gamma: -5 / 9 }) },
  draw: (data) => ofSmallModels(data, 1, -5 / 9),
});
export const run = runFigure(figure);
