/** Figs. 4b, 5b, 6e, 14 and 17: the model exponent over weight decay and data exponent, and what theory says of it. */
import type { ExponentFit } from '../../toy/artifacts.ts';
import { closestToNoSuperposition } from '../../toy/closest-to-no-superposition.ts';
import { linearAxis, linearDomain } from '../axes.ts';
import { gammaColour, gammaLegend, heatColour } from '../colours.ts';
import { alphasOf, fixed, gammasOf, mean, nearestGammas, sameGamma, scaleOf, signed, span } from '../figure-data.ts';
import type { Figure, FigureData, Sweep } from '../figure-data.ts';
import { distinct } from '../needs.ts';
import { edgeSpan, heatMap } from '../heat-map.ts';
import { errorBars, inline, labels, lines, plot, points, sheet, theory } from '../marks.ts';
import { exponentScheme } from '../theme.ts';
import type { Fragment } from '../theme.ts';
import { scatterOverSeeds } from '../over-seeds.ts';
import { rowsOf } from '../tables.ts';

/** A power law's fit, with an exponent of its frequencies. */
type PowerLawFit = ExponentFit & { readonly alpha: number };

function powerLawFits(data: FigureData, sweep: Sweep): readonly PowerLawFit[] {
  const fits = sweep.exponents.filter((fit): fit is PowerLawFit => fit.alpha !== null);
  return data.some(fits, `fitted power-law exponents in "${sweep.experiment}"`);
}

interface Region {
  readonly name: string;
  readonly colour: string;
  readonly gamma: (value: number) => boolean;
  readonly alpha: (value: number) => boolean;
}

/** The three boxes of the authors' Fig. 4b. */
export const regions: readonly Region[] = [
  { name: 'red', colour: '#ff8080', gamma: (gamma) => gamma < -0.33, alpha: (alpha) => alpha <= 1.375 },
  { name: 'yellow', colour: '#ffd24d', gamma: (gamma) => gamma > 0.1, alpha: () => true },
  { name: 'blue', colour: '#5aa9ff', gamma: (gamma) => gamma < -0.1, alpha: (alpha) => alpha >= 1.6 },
];

export function figure4b(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const fits = powerLawFits(data, sweep);
  const [gammas, alphas] = [gammasOf(fits), alphasOf(fits)];
  const highest = Math.max(...fits.map((fit) => fit.exponent));
  const lowest = Math.min(0, ...fits.map((fit) => fit.exponent));
  const colour = heatColour(
    ['Model', 'exponent αₘ'],
    [lowest, highest],
    { scheme: exponentScheme },
    { tickCount: 6, format: '.1f' },
  );
  const boxes = regions.flatMap(({ colour: stroke, gamma, alpha }) => {
    const [x, y] = [edgeSpan(gammas, gamma), edgeSpan(alphas, alpha)];
    const inside = fits.filter((fit) => gamma(fit.gamma) && alpha(fit.alpha));
    if (!x || !y || !inside.length) return [];
    const text = `mean ${fixed(mean(inside.map((fit) => fit.exponent)))}`;
    const inset = 0.025;
    const row = { x: x[0] + inset, x2: x[1] - inset, y: y[0] + inset, y2: y[1] - inset };
    const box: Fragment = {
      data: inline([row]),
      mark: { type: 'rect', filled: false, strokeWidth: 2.6, cornerRadius: 9, stroke },
      encoding: { x2: { field: 'x2' }, y2: { field: 'y2' } },
    };
    const at = { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 };
    return [box, ...labels([{ ...at, text, align: 'center', colour: '#ffffff', halo: '#222222', size: 13 }])];
  });
  const cells = fits.map(({ gamma, alpha, exponent }) => ({ gamma, alpha, value: exponent }));
  const described = regions.flatMap((region) => {
    const inside = fits.filter((fit) => region.gamma(fit.gamma) && region.alpha(fit.alpha)).map((fit) => fit.exponent);
    return inside.length
      ? [
          `the ${region.name} box ${fixed(mean(inside))} on average, from ${fixed(Math.min(...inside))} to ${fixed(Math.max(...inside))}`,
        ]
      : [];
  });
  return {
    specification: sheet(data.title, scaleOf(sweep.models), heatMap(cells, gammas, alphas, colour, boxes)),
    caption:
      `αₘ, fitted to log L against log m in each cell. The boxes are where the authors see three behaviours: αₘ near 1 (red), ` +
      `slow decay (yellow), and αₘ growing with α (blue).${described.length ? ` Here αₘ is in ${described.join('; in ')}.` : ''}`,
  };
}

export function figure14(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const fits = powerLawFits(data, sweep);
  const cells = fits.map(({ gamma, alpha, r2 }) => ({ gamma, alpha, value: r2 }));
  const colour = heatColour(['R² of', 'the fit'], [0, 1], { scheme: exponentScheme });
  const share = (sign: number): string => {
    const some = fits.filter((fit) => Math.sign(fit.gamma) === sign);
    return some.length ? `${some.filter((fit) => fit.r2 >= 0.95).length} of ${some.length}` : 'none';
  };
  return {
    specification: sheet(data.title, scaleOf(sweep.models), heatMap(cells, gammasOf(fits), alphasOf(fits), colour)),
    caption: `R² of the line fitted to log L against log m. At least 0.95: ${share(-1)} cells with γ < 0, ${share(1)} with γ > 0.`,
  };
}

export function figure5b(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const fits = closestToNoSuperposition(powerLawFits(data, sweep));
  const y = linearAxis('Model exponent αₘ', exponentDomain(fits, 1), { format: '.1f' });
  const alphas = alphasOf(fits);
  const left = Math.min(1, alphas[0]!) - 0.06;
  const x = linearAxis('Data exponent α', [left, 2.06], { format: '.2~f' });
  const rule = theory(
    [
      { x: 1, y: 0 },
      { x: 2, y: 1 },
    ],
    { x: 1.05, y: 0.05, text: 'αₘ = α − 1', dx: 12, dy: 8 },
  );
  const distance = mean(fits.map((fit) => Math.abs(fit.exponent - (fit.alpha - 1))));
  const gammas = gammasOf(fits);
  return {
    specification: sheet(data.title, scaleOf(sweep.models), plot(x, y, [...rule, ...exponentPoints(fits, y)])),
    caption:
      `The ${fits.length} cells (γ, α) whose W Wᵀ is closest to no superposition; they have α = ${span(alphas)} ` +
      `and γ = ${span(gammas)}. Mean distance of αₘ from α − 1: ${fixed(distance)}. Error bars: standard errors of the fits.`,
  };
}

export function figure6e(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const all = powerLawFits(data, sweep);
  const { strong, remark } = strongFits(data, all);
  const weak = closestToNoSuperposition(all);
  const y = linearAxis('Model exponent αₘ', exponentDomain([...strong, ...weak], 2), { format: '.1f' });
  const distances = strong.map((fit) => fit.exponent - Math.max(1, 2 * (fit.alpha - 1)));
  const rms = Math.sqrt(mean(distances.map((distance) => distance * distance)));
  const low = strong.filter((fit) => fit.alpha <= 1).map((fit) => fit.exponent);
  return {
    specification: sheet(
      data.title,
      scaleOf(sweep.models),
      plot(alphaAxis, y, [...rules(strong), ...exponentPoints([...strong, ...weak], y)]),
    ),
    caption:
      `αₘ at strong superposition (γ = ${gammasOf(strong)
        .map((gamma) => signed(gamma, 3))
        .join(', ')}), and the ${weak.length} cells closest to no superposition (Fig. 5b). ` +
      `Strong: ${low.length ? `mean ${fixed(mean(low))} for α ≤ 1; ` : ''}root-mean-square distance from max(1, 2(α − 1)) over ${strong.length} cells: ${fixed(rms)}. ` +
      `Error bars: standard errors of the fits.${scatterOverSeeds(strong)}${remark}`,
  };
}

export function figure17(data: FigureData): Figure {
  const wide = data.sweep('wide');
  const fits = powerLawFits(data, wide);
  const { strong } = strongFits(data, powerLawFits(data, data.sweep('small')));
  const y = linearAxis('Model exponent αₘ', exponentDomain([...strong, ...fits], 2), { format: '.1f' });
  const both = [...strong, ...fits];
  const ghosts = exponentPoints(strong, y, 0.22, both);
  const [low, high] = [fits.filter((fit) => fit.alpha < 1.5), fits.filter((fit) => fit.alpha >= 1.75)];
  const below = high.filter((fit) => fit.exponent < 2 * (fit.alpha - 1)).length;
  return {
    specification: sheet(
      data.title,
      `${scaleOf(wide.models)}; faint: Fig. 6e`,
      plot(alphaAxis, y, [...rules([...strong, ...fits]), ...ghosts, ...exponentPoints(fits, y, 1, both)]),
    ),
    caption:
      `αₘ of models so wide that m²/2 > n. Mean ${low.length ? fixed(mean(low.map((fit) => fit.exponent))) : 'not measured'} for α < 1.5; ` +
      `${below} of ${high.length} cells with α ≥ 1.75 lie below 2(α − 1). Faint: the points of Fig. 6e. Error bars: standard errors of the fits.`,
  };
}

const alphaAxis = linearAxis('Data exponent α', [-0.1, 2.1], { values: [0, 0.5, 1, 1.5, 2], format: '.1f' });

/** The second to fourth smallest weight decays of the paper. */
function strongFits(
  data: FigureData,
  fits: readonly PowerLawFit[],
): { strong: readonly PowerLawFit[]; remark: string } {
  const { chosen, remark } = nearestGammas(gammasOf(fits), [-7 / 9, -5 / 9, -1 / 3]);
  const strong = fits.filter((fit) => fit.gamma < 0 && chosen.some((gamma) => sameGamma(gamma, fit.gamma)));
  return { strong: data.some(strong, 'exponents with γ < 0'), remark };
}

/** Eq. 7's two branches, and that of no superposition. The first is labelled at its left end, above or below the points. */
function rules(fits: readonly PowerLawFit[]): Fragment[] {
  const left = fits.filter((fit) => fit.alpha <= 0.5);
  const above = Math.max(1, ...left.map((fit) => fit.exponent + fit.standardError));
  const below = Math.min(1, ...left.map((fit) => fit.exponent - fit.standardError));
  const free = above - 1 <= 1 - below ? { y: above, dy: -14 } : { y: below, dy: 14 };
  return [
    ...theory(
      [
        { x: 0, y: 1 },
        { x: 2, y: 1 },
      ],
      { x: 0, text: 'αₘ = 1', ...free },
    ),
    ...theory(
      [
        { x: 1, y: 0 },
        { x: 2, y: 2 },
      ],
      { x: 1.22, y: 0.44, text: '2(α − 1)', align: 'right', dx: -8 },
    ),
    ...theory(
      [
        { x: 1, y: 0 },
        { x: 2, y: 1 },
      ],
      { x: 1.06, y: 0.06, text: 'α − 1', dx: 12, dy: 8 },
    ),
  ];
}

/** The legend lists the weight decays that are drawn: of `all` points of the figure. */
function exponentPoints(fits: readonly PowerLawFit[], y: Fragment, opacity = 1, all = fits): Fragment[] {
  const rows = exponentRows(fits, ({ alpha }) => alpha);
  const color = {
    ...gammaColour,
    legend: { ...gammaLegend, values: distinct(gammasOf(all).map((gamma) => Number(gamma.toFixed(2)))), format: '.2f' },
  };
  return [errorBars(rows, y, { color }, { opacity, strokeWidth: 2 }), points(rows, { color }, { opacity })];
}

/** Exponents with a standard error up and down, against `x`. */
function exponentRows<F extends ExponentFit>(fits: readonly F[], x: (fit: F) => number) {
  const columns = {
    gamma: ({ gamma }: F) => gamma,
    x,
    y: ({ exponent }: F) => exponent,
    low: ({ exponent, standardError }: F) => exponent - standardError,
    high: ({ exponent, standardError }: F) => exponent + standardError,
  };
  return rowsOf(fits, columns, 'gamma', 'x');
}

/** From 0 to `reach` at least, so that the lines of theory are seen whole. */
function exponentDomain(fits: readonly PowerLawFit[], reach: number): readonly [number, number] {
  return linearDomain([
    reach,
    ...fits.flatMap(({ exponent, standardError }) => [exponent - standardError, exponent + standardError]),
  ]);
}

/** Fig. 18: the model exponent against activation density. */
export function figure18(data: FigureData): Figure {
  const sweep = data.sweep('density');
  const fits = data.some(sweep.exponents, 'fitted exponents in "density"');
  const rows = exponentRows(fits, ({ density }) => density);
  const y = linearAxis('Model exponent αₘ', linearDomain(rows.flatMap((row) => [row.low, row.high])), { format: '~g' });
  const x = linearAxis('Activation density E', [0, Math.max(...rows.map((row) => row.x)) * 1.06], { format: '~g' });
  const color = { color: gammaColour };
  const changes = gammasOf(fits).map((gamma) => {
    const own = rows.filter((row) => row.gamma === gamma);
    return (own.at(-1)!.y - own[0]!.y) / (own.at(-1)!.x - own[0]!.x || 1);
  });
  return {
    specification: sheet(
      data.title,
      scaleOf(sweep.models),
      plot(x, y, [
        lines(rows, { ...color, detail: { field: 'gamma', type: 'nominal' } }, { opacity: 0.6 }),
        errorBars(rows, y, color),
        points(rows, color),
      ]),
    ),
    caption:
      `αₘ against activation density E, one line per weight decay. From the lowest to the highest E the exponent changes by ` +
      `${fixed(Math.min(...changes), 3)} to ${fixed(Math.max(...changes), 3)} per unit of E. Error bars: standard errors of the fits.`,
  };
}
