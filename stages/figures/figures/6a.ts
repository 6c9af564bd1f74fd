/** Fig. 6a: which features are strongly represented. */
import { fixed, inline, linearAxis, logAxis, plot, sheet } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData } from '../figure-data.ts';
import { nearestCells } from '../needs.ts';
import { strongColour } from '../parts/palettes.ts';
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
    specification: sheet(data.title, subtitle, {
      vconcat: [
        frequencyByRank(model, strength, size, 'Feature rank i'),
        shareByRank(model.rowNorm, { ...size, height: 60 }),
      ],
      spacing: 8,
    }),
    caption:
      `Feature frequency by rank, coloured by whether the row norm exceeds 1, and below it the share of such rows among neighbours in rank: ${ranks.length} of ${n} features do (φ₁ = ${fixed(stronglyRepresentedFraction)}). ` +
      `${first === undefined ? 'Every feature does.' : `The first feature that does not has rank ${first}`}` +
      `${ranks.length && first !== undefined ? `, the last that does ${ranks.at(-1)!}.` : first === undefined ? '' : '.'}` +
      `${strongRankTest ? ` Mann-Whitney test that strong rows are the more frequent features: z = ${fixed(strongRankTest.z, 1)}.` : ''}${remark}`,
  };
}

/** The share of strong rows in bins even in log rank, none with fewer than five ranks. */
function shareByRank(rowNorm: readonly number[], panel: Fragment): Fragment {
  const n = rowNorm.length;
  const edges = [0.5];
  for (let edge = 0; edge < n;) {
    edge = Math.min(n, Math.max(Math.ceil(edge * 1.25), edge + 5));
    // A last bin of a few ranks joins the one before it.
    if (n - edge < 5) edge = n;
    edges.push(edge + 0.5);
  }
  const bins = edges.slice(1).map((end, i) => {
    const ranks = rowNorm.slice(Math.round(edges[i]! - 0.5), Math.round(end - 0.5));
    return { x: edges[i]!, x2: end, y: ranks.filter((norm) => norm > 1).length / ranks.length, y2: 0 };
  });
  const bars: Fragment = {
    data: inline(bins),
    mark: { type: 'rect', color: strongColour, stroke: '#ffffff', strokeWidth: 0.4 },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' } },
  };
  const y = linearAxis('Share strong', [0, 1], { values: [0, 0.5, 1], format: '.1f' });
  return plot(logAxis('Feature rank i', [0.5, n + 0.5]), y, [bars], panel);
}
