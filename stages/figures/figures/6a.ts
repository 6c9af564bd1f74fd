/** Fig. 6a: which features are strongly represented. */
import { fixed, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { nearestCells } from '../needs.ts';
import { frequencyByRank } from '../parts/row-norms.ts';
import { example, size, strength } from '../parts/strong-rows.ts';

export const figure = defineFigure({
  id: '6a',
  title: 'Which features are strongly represented',
  section: 'Strong superposition: the geometry of overlaps',
  needs: {
    experiments: ['small'],
    superposition: 'strong',
    models: (cells) => nearestCells(cells, { alpha: 0.5, gamma: -5 / 9 }),
  },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const { model, subtitle, remark } = example(data);
  const { stronglyRepresentedFraction, n, strongRankTest } = model.summary;
  const ranks = model.rowNorm.flatMap((norm, i) => (norm > 1 ? [i + 1] : []));
  const others = model.rowNorm.flatMap((norm, i) => (norm > 1 ? [] : [i + 1]));
  const first = others[0];
  return {
    specification: sheet(data.title, subtitle, frequencyByRank(model, strength, size, 'Feature rank i')),
    caption:
      `Feature frequency by rank, coloured by whether the row norm exceeds 1: ${ranks.length} of ${n} features do (φ₁ = ${fixed(stronglyRepresentedFraction)}). ` +
      `${first === undefined ? 'Every feature does.' : `The first feature that does not has rank ${first}`}` +
      `${ranks.length && first !== undefined ? `, the last that does ${ranks.at(-1)!}.` : first === undefined ? '' : '.'}` +
      `${strongRankTest ? ` Mann-Whitney test that strong rows are the more frequent features: z = ${fixed(strongRankTest.z, 1)}.` : ''}${remark}`,
  };
}
