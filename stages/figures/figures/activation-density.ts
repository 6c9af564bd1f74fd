/** Figs. 7a and 7b: activation density scales the loss and leaves its exponent alone. */
import { exp, ln } from '../../../numerics/elementary.ts';
import { linearAxis, linearDomain, logAxis, logDomain, widthAxis } from '../axes.ts';
import { curveColour, gammaColour } from '../colours.ts';
import { densitiesOf, fixed, gammasOf, nearestGammas, sameGamma, scaleOf, signed, widthsOf } from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { lossRows } from './loss-against-width.ts';
import { errorBars, lines, plot, points, sheet } from '../marks.ts';
import { rowsOf } from '../tables.ts';

export function figure7a(data: FigureData): Figure {
  const sweep = data.sweep('density');
  const widths = widthsOf(sweep.models);
  const m = widths.at(-2) ?? widths[0]!;
  const models = sweep.models.filter((model) => model.m === m);
  const rows = rowsOf(
    models,
    { gamma: ({ gamma }) => gamma, x: ({ density }) => density, y: ({ loss }) => loss },
    'gamma',
    'x',
  );
  const x = linearAxis('Activation density E', [0, Math.max(...rows.map((row) => row.x)) * 1.06], { format: '~g' });
  const color = { color: gammaColour };
  const layers = [
    lines(rows, { ...color, detail: { field: 'gamma', type: 'nominal' } }, { opacity: 0.5 }),
    points(rows, color, { size: 80 }),
  ];
  const perDensity = [gammasOf(models)[0]!, gammasOf(models).at(-1)!].map((gamma) => {
    const own = rows.filter((row) => row.gamma === gamma);
    return `from ${fixed(own[0]!.y / own[0]!.x)} to ${fixed(own.at(-1)!.y / own.at(-1)!.x)} at γ = ${signed(gamma, 3)}`;
  });
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, α = 1`,
      plot(x, linearAxis('Loss L', linearDomain(rows.map((row) => row.y)), { format: '~g' }), layers),
    ),
    caption: `Loss against activation density E at m = ${m}, by weight decay. Between the lowest and the highest E, L/E goes ${perDensity.join(' and ')}.`,
  };
}

export function figure7b(data: FigureData): Figure {
  const sweep = data.sweep('density');
  const { chosen, remark } = nearestGammas(gammasOf(sweep.models), [-5 / 9]);
  const gamma = chosen[0]!;
  const all = densitiesOf(sweep.models);
  const densities = all.length > 5 ? all.filter((_, i) => i % Math.ceil((all.length - 1) / 4) === 0) : all;
  const curves = densities.map((density) => {
    const fit = sweep.exponents.find((candidate) => candidate.density === density && sameGamma(candidate.gamma, gamma));
    const models = sweep.models.filter((model) => model.density === density && sameGamma(model.gamma, gamma));
    const exponent = fit ? `: ${fixed(fit.exponent)} ± ${fixed(fit.standardError)}` : '';
    return { name: `${fixed(density, 2)}${exponent}`, density, models, fit };
  });
  const models = data.some(
    curves.flatMap((curve) => curve.models),
    `models with γ = ${signed(gamma, 3)}`,
  );
  const rows = curves.flatMap(({ name, models: own }) => lossRows(name, own));
  const fits = curves.flatMap(({ name, fit }) =>
    fit
      ? [Math.min(...fit.m), Math.max(...fit.m)].map((m) => ({
          curve: name,
          x: m,
          y: exp(fit.intercept - fit.exponent * ln(m)),
        }))
      : [],
  );
  const color = {
    color: curveColour(
      'E: αₘ',
      curves.map((curve) => curve.name),
      'circle',
      'viridis',
    ),
  };
  const y = logAxis(
    'Loss L',
    logDomain(
      rows.map((row) => row.y),
      1.4,
    ),
  );
  const fitted = curves.flatMap(({ fit }) => (fit ? [fit.exponent] : []));
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, α = 1, γ = ${signed(gamma, 3)}`,
      plot(widthAxis(widthsOf(models)), y, [lines(fits, color), errorBars(rows, y, color), points(rows, color)]),
    ),
    caption:
      `Loss against model dimension at strong superposition for ${densities.length} of the ${all.length} activation densities E, ` +
      `${fitted.length ? `with least-squares lines, whose exponents αₘ run from ${fixed(Math.min(...fitted))} to ${fixed(Math.max(...fitted))}` : 'at too few m for a fit'}. Error bars: standard deviation from batch to batch.${remark}`,
  };
}
