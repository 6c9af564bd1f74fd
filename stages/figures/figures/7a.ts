/** Fig. 7a: loss against activation density. */
import {
  errorBars,
  fixed,
  linearAxis,
  linearDomain,
  lines,
  plot,
  points,
  rowsOf,
  sheet,
  signed,
  hollow,
} from 'repro/figures';
import type { Figure } from 'repro/figures';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { publishedNote } from '../parts/published.ts';
import { gammasOf, scaleOf, widthsOf, sameGamma } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { gammaMarks } from '../parts/colours.ts';
import { oneDensity } from '../parts/one-density.ts';

export const figure = defineFigure({
  id: '7a',
  title: 'Loss against activation density',
  section: 'Activation density',
  needs: { published: true, experiments: ['density'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('density');
  const widths = widthsOf(sweep.models);
  const m = widths.at(-2) ?? widths[0]!;
  const models = sweep.models.filter((model) => model.m === m);
  const rows = rowsOf(
    models,
    {
      gamma: ({ gamma }) => gamma,
      x: ({ density }) => density,
      y: ({ loss }) => loss,
      low: ({ loss, lossStandardDeviation }) => loss - lossStandardDeviation,
      high: ({ loss, lossStandardDeviation }) => loss + lossStandardDeviation,
    },
    'gamma',
    'x',
  );
  const published = data
    .published('lossesByDensity')
    .filter((row) => models.some((model) => sameGamma(model.gamma, row.gamma)))
    .map((row) => ({ gamma: row.gamma, x: row.density, y: row.loss }));
  const x = linearAxis('Activation density E', [0, Math.max(...[...rows, ...published].map((row) => row.x)) * 1.06], {
    format: '~g',
  });
  const { color, shape } = gammaMarks(models);
  const y = linearAxis('Loss L', linearDomain([...rows, ...published].map((row) => row.y)), { format: '~g' });
  const layers = [
    errorBars(rows, y, { color }, { opacity: 0.7 }),
    lines(rows, { color, detail: { field: 'gamma', type: 'nominal' } }, { opacity: 0.5 }),
    ...(published.length ? [hollow(published, { color, shape })] : []),
    points(rows, { color, shape }, { size: 34 }),
  ];
  const perDensity = [...new Set([gammasOf(models)[0]!, gammasOf(models).at(-1)!])].flatMap((gamma) => {
    const own = rows.filter((row) => row.gamma === gamma);
    const [first, last] = [own[0]!, own.at(-1)!];
    return last.x > first.x
      ? [`from ${fixed(first.y / first.x)} to ${fixed(last.y / last.x)} at γ = ${signed(gamma, 3)}`]
      : [];
  });
  const change = perDensity.length
    ? `Between the lowest and the highest E, L/E goes ${perDensity.join(' and ')}.`
    : oneDensity(rows.map(({ x: density }) => density));
  return {
    specification: sheet(data.title, `${scaleOf(models)}, α = 1`, plot(x, y, layers)),
    caption: `Loss against activation density E at m = ${m}, by weight decay; error bars: standard deviation from batch to batch of one model, not from seed to seed. ${change}${published.length ? publishedNote(`n = ${publishedFeatures.small}, m = 63`) : ''}`,
  };
}
