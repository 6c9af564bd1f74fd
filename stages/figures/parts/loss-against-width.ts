/** Fig. 1b and 1d: loss against model dimension, at weak and at strong superposition. */
import {
  errorBars,
  fixed,
  hollow,
  lines,
  logAxis,
  logDomain,
  plot,
  points,
  rowsOf,
  sheet,
  signed,
  slopeTriangle,
  some,
  span,
} from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import type { ExponentFit, ModelSummary } from '../../toy/artifacts.ts';
import { alphasOf, gammasOf, nearestGammas, nearestValues, sameGamma, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData, Sweep } from '../figure-data.ts';
import { publishedFeatures } from '../../published/points.ts';
import { curveColour, curveShapes, frequencyColour } from './colours.ts';
import { publishedNote } from './published.ts';
import { languageModelsBeside, publishedLanguageModels } from './language-losses.ts';
import { exponentsOverSeeds } from './over-seeds.ts';
import { frequencyNames } from './palettes.ts';
import { widthAxis, widthTicks } from './width-ticks.ts';
import { withoutFit } from './without-fit.ts';

export type Regime = 'weak' | 'strong';

export interface Curve {
  readonly name: string;
  readonly models: readonly ModelSummary[];
  readonly fit: ExponentFit | undefined;
}

/** The fitted line of each curve that has one, by its points at the ends of what was fitted. */
export function fitEnds(
  curves: readonly Pick<Curve, 'name' | 'fit'>[],
): { readonly curve: string; readonly x: number; readonly y: number }[] {
  return curves.flatMap(({ name, fit }) =>
    fit
      ? [Math.min(...fit.m), Math.max(...fit.m)].map((m) => ({
          curve: name,
          x: m,
          y: exp(fit.intercept - fit.exponent * ln(m)),
        }))
      : [],
  );
}

export function lossAgainstWidth(data: FigureData, regime: Regime): Figure {
  return data.has('large') ? ofLargeModels(data, regime) : ofSmallModels(data, regime);
}

function ofLargeModels(data: FigureData, regime: Regime): Figure {
  const sweep = data.sweep('large');
  const ofRegime = (row: { gamma: number }): boolean => (regime === 'weak' ? row.gamma > 0 : row.gamma < 0);
  const models = some(sweep.models.filter(ofRegime), `${regime} models in "large"`);
  const present = Object.keys(frequencyNames).filter((name) => models.some((model) => model.frequencies === name));
  const curves = present.map((name): Curve => ({
    name: frequencyNames[name]!,
    models: models.filter((model) => model.frequencies === name),
    fit: sweep.exponents.find((fit) => fit.frequencies === name && ofRegime(fit)),
  }));
  const gamma = gammasOf(models)
    .map((value) => signed(value, 3))
    .join(', ');
  const colour = frequencyColour(present, true, regime === 'weak' ? 'circle' : 'square');
  const subtitle = `${scaleOf(models)}, γ = ${gamma}`;
  return draw(data, regime, curves, colour, data.title, subtitle, '');
}

function ofSmallModels(data: FigureData, regime: Regime): Figure {
  const sweep: Sweep = data.sweep('small');
  const wanted = regime === 'weak' ? 1 / 3 : -5 / 9;
  const { chosen, remark } = nearestGammas(gammasOf(sweep.models), [wanted]);
  const gamma = chosen[0]!;
  const models = sweep.models.filter((model) => sameGamma(model.gamma, gamma));
  const { chosen: alphas } = nearestValues(alphasOf(models), [0, 0.5, 1, 1.5, 2], 'α');
  const curves = alphas.map((alpha): Curve => ({
    name: `α = ${signed(alpha)}`,
    models: models.filter((model) => model.alpha === alpha),
    fit: sweep.exponents.find((fit) => fit.alpha === alpha && sameGamma(fit.gamma, gamma)),
  }));
  const colour = curveColour(
    ['Power law', 'pᵢ ∝ i⁻ᵅ'],
    curves.map((curve) => curve.name),
    regime === 'weak' ? 'circle' : 'square',
  );
  const subtitle = `Small models stand in: ${scaleOf(models)}, γ = ${signed(gamma, 3)}`;
  const note = ` Drawn from the small power-law models, since this parameter set has no large ones at ${regime} superposition.${remark}`;
  return draw(data, regime, curves, colour, data.title, subtitle, note);
}

function draw(
  data: FigureData,
  regime: Regime,
  curves: readonly Curve[],
  colour: Fragment,
  title: string,
  subtitle: string,
  note: string,
): Figure {
  const models = curves.flatMap((curve) => curve.models);
  const widths = widthsOf(models);
  const rows = curves.flatMap(({ name, models }) => lossRows(name, models));
  const fits = fitEnds(curves);
  const { losses } = data.language;
  const besideStrong = () =>
    losses ? languageModelsBeside(losses) : publishedLanguageModels(data.published('languageLosses'));
  const beside = regime === 'strong' ? besideStrong() : undefined;
  const published = publishedRows(data, regime, curves);
  const domain = logDomain(
    [
      ...rows.flatMap((row) => [Math.max(row.low, row.y / 3), row.high]),
      ...(beside?.losses ?? []),
      ...published.map((row) => row.y),
    ],
    1.2,
  );
  const more = [...(beside?.widths ?? []), ...published.map((row) => row.x)];
  const x = more.length ? widthTicks([...widths, ...more]) : widthAxis(widths);
  const [low, high] = [widths[0]!, widths.at(-1)!];
  const factor = exp(ln(high / low) / 6);
  const y = logAxis('Loss L', regime === 'weak' ? [domain[0] / factor / 1.1, domain[1]] : [domain[0], domain[1] * 1.6]);
  const triangle =
    regime === 'weak'
      ? slopeTriangle(low, domain[0] * 1.05, factor)
      : slopeTriangle(high / (factor * factor), domain[1] * 1.35, factor);
  const color = {
    color: {
      ...colour,
      field: 'curve',
      legend: {
        ...(colour['legend'] as Fragment),
        labelExpr: withExponents(regime, curves),
        symbolType: 'circle',
        columns: regime === 'strong' ? 1 : 2,
      },
    },
  };
  const shape = { shape: curveShape(curves, color.color.legend) };
  const line = regime === 'strong' && fits.length ? lines(fits, color, { strokeDash: [6, 4] }) : lines(rows, color);
  return {
    specification: sheet(
      title,
      subtitle,
      plot(
        x,
        y,
        [
          ...(beside?.layers ?? []),
          line,
          ...(published.length ? [hollow(published, { ...color, ...shape })] : []),
          errorBars(rows, y, color),
          points(rows, { ...color, ...shape }),
          ...triangle,
        ],
        { height: 290 },
      ),
    ),
    caption:
      captionOf(data, regime, curves) +
      (beside?.caption ?? '') +
      (published.length ? publishedNote(`n = ${publishedFeatures.large}`) : '') +
      note,
  };
}

/** The authors' own losses of the same curves. */
function publishedRows(data: FigureData, regime: Regime, curves: readonly Curve[]) {
  if (!data.has('large')) return [];
  return data
    .published('largeLosses')
    .filter((row) => row.regime === regime)
    .map(({ frequencies, m, loss }) => ({ curve: frequencyNames[frequencies]!, x: m, y: loss }))
    .filter((row) => curves.some(({ name }) => name === row.curve));
}

/** A shape for each curve, so that grey print tells them apart. One legend shows it with the colour. */
function curveShape(curves: readonly Curve[], legend: Fragment): Fragment {
  const domain = curves.map(({ name }) => name);
  return { field: 'curve', type: 'nominal', scale: { domain, range: curveShapes.slice(0, domain.length) }, legend };
}

/** Losses by model dimension, one standard deviation up and down; on a logarithmic axis a bar must not reach 0. */
export function lossRows(curve: string, models: readonly ModelSummary[]) {
  const columns = {
    curve: () => curve,
    x: ({ m }: ModelSummary) => m,
    y: ({ loss }: ModelSummary) => loss,
    low: ({ loss, lossStandardDeviation }: ModelSummary) => Math.max(loss - lossStandardDeviation, loss / 10),
    high: ({ loss, lossStandardDeviation }: ModelSummary) => loss + lossStandardDeviation,
  };
  return rowsOf(models, columns, 'x');
}

/** Legend entries with the fitted exponents, where the lines drawn are the fits. */
function withExponents(regime: Regime, curves: readonly Curve[]): string {
  const names = curves.map(({ name, fit }) => [
    name,
    fit && regime === 'strong' ? `${name}: αₘ = ${fixed(fit.exponent)}` : name,
  ]);
  return `${JSON.stringify(Object.fromEntries(names))}[datum.label]`;
}

function captionOf(data: FigureData, regime: Regime, curves: readonly Curve[]): string {
  const exponents = curves
    .filter(({ fit }) => fit)
    .map(
      ({ name, fit }) =>
        `${fixed(fit!.exponent)} ± ${fixed(fit!.standardError)} (${name}${regime === 'weak' ? `, R² ${fixed(fit!.r2)}` : ''}${overSeeds(fit!)})`,
    );
  const unfitted = curves.filter(({ fit }) => !fit).map(({ name }) => name);
  const fitted =
    (exponents.length ? ` Fitted exponents αₘ: ${exponents.join(', ')}.` : '') +
    withoutFit(data, data.has('large') ? 'large' : 'small', unfitted);
  const about =
    regime === 'weak'
      ? `Loss at weak superposition, where the frequency distribution decides how it falls: ${fallsOf(curves)}.`
      : `Loss at strong superposition: ${fallsOf(curves)}.${exponents.length ? ' Dashed: least-squares lines in log-log.' : ''}`;
  return `${about}${fitted}${exponentsOverSeeds(curves)} Error bars: standard deviation from batch to batch of one model, not from seed to seed. The triangle has slope −1.`;
}

/** Beside the error of the fit, how far seeds scatter, over the m that all of them have. */
function overSeeds({ replicates }: ExponentFit): string {
  if (!replicates) return '';
  const { count, m, mean, standardError } = replicates;
  return `; ${count} seeds, m = ${span(m)}: ${fixed(mean)} ± ${fixed(standardError)}`;
}

/**
 * "from m = 10 to 100 it falls 1.1-fold (α = 0) to 9.3-fold (α = 2)". Where curves end at other m, each with its own:
 * "it falls 6.7-fold from m = 8 to 64 (power law), 1.4-fold from m = 8 to 32 (linear decay)". A curve of one m has no fall.
 */
function fallsOf(curves: readonly Curve[]): string {
  const ends = curves.map(({ name, models }) => {
    const rows = lossRows(name, models);
    return { name, first: rows[0]!, last: rows.at(-1)! };
  });
  const single = ends
    .filter(({ first, last }) => first.x === last.x)
    .map(({ name, first }) => `${name} (m = ${first.x})`);
  const alone = single.length ? [`with one m alone: ${single.join(', ')}`] : [];
  const falls = ends
    .filter(({ first, last }) => first.x < last.x)
    .map(({ name, first, last }) => ({ name, fall: first.y / last.y, range: `from m = ${first.x} to ${last.x}` }))
    .sort((a, b) => a.fall - b.fall);
  return [...(falls.length ? [fallsInWords(falls)] : []), ...alone].join('; ');
}

interface Fall {
  readonly name: string;
  readonly fall: number;
  readonly range: string;
}

/** Of falls in ascending order. */
function fallsInWords(falls: readonly Fall[]): string {
  const [least, most] = [falls[0]!, falls.at(-1)!];
  if (falls.some(({ range }) => range !== least.range))
    return `it falls ${falls.map(({ name, fall, range }) => `${fixed(fall, 1)}-fold ${range} (${name})`).join(', ')}`;
  return falls.length === 1
    ? `${least.range} it falls ${fixed(least.fall, 1)}-fold (${least.name})`
    : `${least.range} it falls ${fixed(least.fall, 1)}-fold (${least.name}) to ${fixed(most.fall, 1)}-fold (${most.name})`;
}
