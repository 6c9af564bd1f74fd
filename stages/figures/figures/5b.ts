/** Fig. 5b: model exponent closest to no superposition. */
import { fixed, linearAxis, mean, plot, sheet, span, theory } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { closestToNoSuperposition } from '../../toy/closest-to-no-superposition.ts';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { publishedNote } from '../parts/published.ts';
import { alphasOf, gammasOf, scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { exponentDomain, exponentPoints, pointsApart, powerLawFits, publishedExponents } from '../parts/exponents.ts';
import { exponentBars } from '../parts/over-seeds.ts';

export const figure = defineFigure({
  id: '5b',
  title: 'Model exponent closest to no superposition',
  section: 'Weak superposition: the loss of unlearned features',
  needs: { published: true, experiments: ['small'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const fits = closestToNoSuperposition(powerLawFits(data, sweep));
  const published = data.published('exponentsClosestToNoSuperposition');
  const y = linearAxis('Model exponent αₘ', exponentDomain([...fits, ...published], 1), { format: '.1f' });
  const alphas = alphasOf(fits);
  const left = Math.min(1, alphas[0]!) - 0.06;
  const x = linearAxis('Data exponent α', [left, 2.06], { format: '.2~f' });
  const rule = theory(
    [
      { x: 1, y: 0 },
      { x: 2, y: 1 },
    ],
    { x: 1.13, y: 0.13, text: 'αₘ = α − 1', dx: 7, dy: 2 },
  );
  const distance = mean(fits.map((fit) => Math.abs(fit.exponent - (fit.alpha - 1))));
  const gammas = gammasOf(fits);
  return {
    specification: sheet(
      data.title,
      scaleOf(sweep.models),
      plot(x, y, [
        ...rule,
        ...publishedExponents(published, [...fits, ...published]),
        ...exponentPoints(fits, y, 1, [...fits, ...published]),
      ]),
    ),
    caption:
      `The ${fits.length === 1 ? 'one cell' : `${fits.length} cells`} (γ, α) whose W Wᵀ is closest to no superposition; ${fits.length === 1 ? 'it has' : 'they have'} α = ${span(alphas)} ` +
      `and γ = ${span(gammas)}. Mean distance of αₘ from α − 1: ${fixed(distance)}. ${pointsApart(fits)}${exponentBars(fits)}${published.length ? publishedNote(`n = ${publishedFeatures.small}`) : ''}`,
  };
}
