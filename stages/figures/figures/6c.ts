/** Fig. 6c: strongly represented fraction against model dimension. */
import { linearAxis, lines, plot, points, rowsOf, sheet, signed, some, hollow } from 'repro/figures';
import type { Figure } from 'repro/figures';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { publishedNote } from '../parts/published.ts';
import { gammasOf, nearestGammas, sameGamma, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { alphaColour } from '../parts/colours.ts';
import { bounds, ratioToBound } from '../parts/strong-fraction.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: '6c',
  title: 'Strongly represented fraction against model dimension',
  section: 'Strong superposition: the geometry of overlaps',
  needs: { published: true, experiments: ['small'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const { chosen, remark } = nearestGammas(gammasOf(sweep.models), [-1]);
  const models = sweep.models.filter((model) => sameGamma(model.gamma, chosen[0]!) && model.alpha !== null);
  some(models, `power-law models with γ = ${signed(chosen[0]!, 3)}`);
  const columns = {
    alpha: ({ alpha }: ModelSummary) => alpha!,
    x: ({ m }: ModelSummary) => m,
    y: ({ stronglyRepresentedFraction }: ModelSummary) => stronglyRepresentedFraction,
  };
  const rows = rowsOf(models, columns, 'alpha', 'x');
  const color = { color: alphaColour };
  // At equal m²/2n, where the bound is the same.
  const { n } = models[0]!;
  const stretch = Math.sqrt(n / publishedFeatures.small);
  const widths = widthsOf(models);
  const published = data
    .published('stronglyRepresentedFractions')
    .map(({ alpha, m, fraction }) => ({ alpha, x: m * stretch, y: fraction }));
  const all = [...widths, ...published.map(({ x }) => x)];
  const axis = widthAxis(widths, 1.15, all);
  const y = linearAxis('Strongly represented fraction φ₁', [-0.04, 1.15], {
    values: [0, 0.25, 0.5, 0.75, 1],
    format: '.2~f',
  });
  const layers = [
    lines(rows, { ...color, detail: { field: 'alpha', type: 'nominal' } }),
    points(rows, color),
    ...bounds(models, 'above its end', all),
    ...(published.length ? [hollow(published, color, { opacity: 0.7 })] : []),
  ];
  return {
    specification: sheet(data.title, `${scaleOf(models)}, γ = ${signed(chosen[0]!, 3)}`, plot(axis, y, layers)),
    caption: `φ₁, the fraction of features with row norm above 1. ${ratioToBound(models)}${published.length ? publishedNote(`n = ${publishedFeatures.small}, moved to equal m²/2n`) : ''}${remark}`,
  };
}
