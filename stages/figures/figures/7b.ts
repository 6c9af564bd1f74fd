/** Fig. 7b: loss against model dimension, by activation density. */
import { errorBars, fixed, lines, logAxis, logDomain, plot, points, sheet, signed, some } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { joined, publishedNote } from '../parts/published.ts';
import { densitiesOf, gammasOf, nearestGammas, sameGamma, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { curveMarks } from '../parts/colours.ts';
import { fitEnds, lossRows } from '../parts/loss-against-width.ts';
import { widthAxis, widthTicks } from '../parts/width-ticks.ts';
import { tooFewFor } from '../parts/without-fit.ts';

export const figure = defineFigure({
  id: '7b',
  title: 'Loss against model dimension, by activation density',
  section: 'Activation density',
  needs: { published: true, experiments: ['density'], superposition: 'strong' },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('density');
  const { chosen, remark } = nearestGammas(gammasOf(sweep.models), [-5 / 9]);
  const gamma = chosen[0]!;
  const all = densitiesOf(sweep.models.filter((model) => sameGamma(model.gamma, gamma)));
  const densities = all.length > 5 ? all.filter((_, i) => i % Math.ceil((all.length - 1) / 4) === 0) : all;
  const curves = densities.map((density) => {
    const fit = sweep.exponents.find((candidate) => candidate.density === density && sameGamma(candidate.gamma, gamma));
    const models = sweep.models.filter((model) => model.density === density && sameGamma(model.gamma, gamma));
    const exponent = fit ? `: ${fixed(fit.exponent)} ± ${fixed(fit.standardError)}` : '';
    return { name: `${fixed(density, 2)}${exponent}`, density, models, fit };
  });
  const models = some(
    curves.flatMap((curve) => curve.models),
    `models with γ = ${signed(gamma, 3)}`,
  );
  const rows = curves.flatMap(({ name, models: own }) => lossRows(name, own));
  const fits = fitEnds(curves);
  const { color, shape } = curveMarks(
    'E: αₘ',
    curves.map((curve) => curve.name),
    'viridis',
  );
  const published = data
    .published('lossesByWidthAndDensity')
    .map(({ m, loss, density }) => ({ x: m, y: loss, density }));
  const y = logAxis(
    'Loss L',
    logDomain(
      [...rows, ...published].map((row) => row.y),
      1.4,
    ),
  );
  const fitted = curves.flatMap(({ fit }) => (fit ? [fit.exponent] : []));
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, α = 1, γ = ${signed(gamma, 3)}`,
      plot(
        published.length
          ? widthTicks([...widthsOf(models), ...published.map((row) => row.x)])
          : widthAxis(widthsOf(models)),
        y,
        [
          ...joined(published, 'density'),
          lines(fits, { color }),
          errorBars(rows, y, { color }),
          points(rows, { color, shape }),
        ],
      ),
    ),
    caption:
      `Loss against model dimension at strong superposition for ${all.length > 1 ? `${densities.length} of the ${all.length} activation densities E` : `the one activation density E = ${fixed(all[0]!)} that is there`}, ` +
      `${fitted.length ? linesText(fitted) : `at ${tooFewFor('a fit', data, 'density')}`}. Error bars: standard deviation from batch to batch of one model, not from seed to seed.${published.length ? publishedNote(`n = ${publishedFeatures.small}, E from 1 (lowest) to 7.49`) : ''}${remark}`,
  };
}

function linesText(exponents: readonly number[]): string {
  if (exponents.length === 1) return `with a least-squares line, whose exponent αₘ is ${fixed(exponents[0]!)}`;
  return `with least-squares lines, whose exponents αₘ run from ${fixed(Math.min(...exponents))} to ${fixed(Math.max(...exponents))}`;
}
