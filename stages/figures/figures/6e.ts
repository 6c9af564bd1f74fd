/** Fig. 6e: model exponent against data exponent. */
import { fixed, linearAxis, mean, plot, sheet, signed } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { closestToNoSuperposition } from '../../toy/closest-to-no-superposition.ts';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { publishedNote } from '../parts/published.ts';
import { gammasOf, scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import {
  alphaAxis,
  exponentDomain,
  exponentPoints,
  pointsApart,
  powerLawFits,
  rules,
  strongFits,
  publishedExponents,
} from '../parts/exponents.ts';
import { exponentBars, scatterOverSeeds } from '../parts/over-seeds.ts';

export const figure = defineFigure({
  id: '6e',
  title: 'Model exponent against data exponent',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { published: true, experiments: ['small'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const all = powerLawFits(data, sweep);
  const { strong, remark } = strongFits(data, all);
  const weak = closestToNoSuperposition(all);
  const published = [...data.published('strongExponents'), ...data.published('exponentsClosestToNoSuperposition')];
  const y = linearAxis('Model exponent αₘ', exponentDomain([...strong, ...weak, ...published], 2), { format: '.1f' });
  const distances = strong.map((fit) => fit.exponent - Math.max(1, 2 * (fit.alpha - 1)));
  const rms = Math.sqrt(mean(distances.map((distance) => distance * distance)));
  const low = strong.filter((fit) => fit.alpha <= 1).map((fit) => fit.exponent);
  return {
    specification: sheet(
      data.title,
      scaleOf(sweep.models),
      plot(alphaAxis, y, [
        ...rules([...strong, ...weak], published),
        ...publishedExponents(published, [...strong, ...weak, ...published]),
        ...exponentPoints([...strong, ...weak], y, 1, [...strong, ...weak, ...published]),
      ]),
    ),
    caption:
      `αₘ at strong superposition (γ = ${gammasOf(strong)
        .map((gamma) => signed(gamma, 3))
        .join(
          ', ',
        )}), and the ${weak.length === 1 ? 'one cell' : `${weak.length} cells`} closest to no superposition (Fig. 5b). ` +
      `Strong: ${low.length ? `mean ${fixed(mean(low))} for α ≤ 1; ` : ''}root-mean-square distance from max(1, 2(α − 1)) over ${strong.length === 1 ? 'one cell' : `${strong.length} cells`}: ${fixed(rms)}. ` +
      `${pointsApart([...strong, ...weak])}${exponentBars([...strong, ...weak])}${scatterOverSeeds(strong)}${published.length ? publishedNote(`n = ${publishedFeatures.small}`) : ''}${remark}`,
  };
}
