/** Fig. 3a: represented fraction against weight decay. */
import { distinct, fixed, linearAxis, lines, panelTitle, plot, points, rowsOf, sheet, signed } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { joined, publishedNote } from '../parts/published.ts';
import { alphasOf, gammasOf, nearestValues, sameGamma, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { nearest, nearestCells } from '../needs.ts';
import { widthColour } from '../parts/colours.ts';
import { rangeOf } from '../parts/represented-fraction.ts';
import { frequencyByRank, normColour, normDensity } from '../parts/row-norms.ts';

export const figure = defineFigure({
  id: '3a',
  title: 'Represented fraction against weight decay',
  section: 'Weight decay tunes superposition',
  needs: {
    published: true,
    experiments: ['small'],
    models: (cells) => nearestCells(cells, { alpha: 1, gamma: 1 / 9, m: 'largest' }),
  },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const { chosen, remark } = nearestValues(alphasOf(sweep.models), [1], 'α');
  const models = sweep.models.filter((model) => model.alpha === chosen[0]);
  const widths = widthsOf(models);
  const rows = rowsOf(
    models,
    { m: ({ m }) => m, x: ({ gamma }) => gamma, y: ({ representedFraction }) => representedFraction },
    'm',
    'x',
  );
  const color = { color: widthColour(widths), detail: { field: 'm', type: 'nominal' } };
  const x = linearAxis('Weight decay γ', [-1.08, 1.08], { values: [-1, -0.5, 0, 0.5, 1], format: '~g' });
  const published = data.published('representedFractions').map((row) => ({ x: row.gamma, y: row.fraction, m: row.m }));
  const main = plot(x, fractionAxis, [...joined(published, 'm'), lines(rows, color), points(rows, color)], {
    width: 198,
    height: 180,
  });

  const example = data.measurements[0]!;
  const { gamma, m } = example.summary;
  const size = { width: 124, height: 62 };
  const side = {
    vconcat: [
      {
        title: panelTitle(`γ = ${signed(gamma, 3)}, m = ${m}`),
        ...frequencyByRank(example, normColour, size, 'Feature rank i'),
      },
      normDensity(example.rowNorm, 0.05, 0.5, normColour, size, true),
    ],
    spacing: 14,
    resolve: { legend: { color: 'shared' }, scale: { color: 'shared' } },
  };
  const shown = distinct([-1, -1 / 9, 1].map((wanted) => nearest(gammasOf(models), wanted)));
  const fractionsAt = shown.map((value) => {
    const fractions = models.filter((model) => sameGamma(model.gamma, value)).map((model) => model.representedFraction);
    return `${rangeOf(fractions)} at γ = ${signed(value, 3)}`;
  });
  const { middleNormFraction, representedFraction } = example.summary;
  return {
    specification: sheet(data.title, `${scaleOf(models)}, α = ${signed(chosen[0]!)}`, {
      hconcat: [main, side],
      resolve: { legend: { color: 'independent' }, scale: { color: 'independent' } },
    }),
    caption:
      `Fraction φ₁∕₂ of features whose row norm exceeds 1/2, over the model dimensions: ${fractionsAt.join(', ')}. ` +
      `Right, for one model (γ = ${signed(gamma, 3)}, m = ${m}): frequency by rank, coloured by row norm, and the density of row norms; ` +
      `${fixed(100 * representedFraction, 0)}% of its rows have norm above 1/2 (dashed) and ${fixed(100 * middleNormFraction, 0)}% lie between 0.25 and 0.75.${published.length ? publishedNote(`n = ${publishedFeatures.small}, m = 10 to 100`) : ''}${remark}`,
  };
}

const fractionAxis = linearAxis('Represented fraction φ₁∕₂', [-0.04, 1.06], {
  values: [0, 0.25, 0.5, 0.75, 1],
  format: '.2~f',
});
