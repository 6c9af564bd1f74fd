/** Fig. 17: model exponent where m²/2 exceeds n throughout. */
import { fixed, linearAxis, mean, plot, sheet } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import {
  alphaAxis,
  exponentDomain,
  exponentPoints,
  pointsApart,
  powerLawFits,
  rules,
  strongFits,
} from '../parts/exponents.ts';
import { exponentBars } from '../parts/over-seeds.ts';

export const figure = defineFigure({
  id: '17',
  title: 'Model exponent where m²/2 exceeds n throughout',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { experiments: ['wide', 'small'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const wide = data.sweep('wide');
  const fits = powerLawFits(data, wide);
  const { strong } = strongFits(data, powerLawFits(data, data.sweep('small')));
  const y = linearAxis('Model exponent αₘ', exponentDomain([...strong, ...fits], 2), { format: '.1f' });
  const both = [...strong, ...fits];
  const ghosts = exponentPoints(strong, y, 0.22, both);
  const [low, high] = [fits.filter((fit) => fit.alpha < 1.5), fits.filter((fit) => fit.alpha >= 1.75)];
  const below = high.filter((fit) => fit.exponent < 2 * (fit.alpha - 1)).length;
  const found = [
    ...(low.length ? [`Mean ${fixed(mean(low.map((fit) => fit.exponent)))} for α < 1.5.`] : []),
    ...(high.length ? [`Below 2(α − 1) for α ≥ 1.75: ${below} of ${high.length} cells.`] : []),
  ];
  return {
    specification: sheet(
      data.title,
      `${scaleOf(wide.models)}; faint: Fig. 6e`,
      plot(alphaAxis, y, [...rules([...strong, ...fits]), ...ghosts, ...exponentPoints(fits, y, 1, both)]),
    ),
    caption: `αₘ of models so wide that m²/2 > n. ${found.join(' ')} Faint: the points of Fig. 6e. ${pointsApart(fits)}${exponentBars(both)}`,
  };
}
