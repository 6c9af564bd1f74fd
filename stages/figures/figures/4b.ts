/** Fig. 4b: model exponent over weight decay and data exponent. */
import { fixed, inline, labels, mean, sheet } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import { alphasOf, gammasOf, scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { heatColour } from '../parts/colours.ts';
import { powerLawFits } from '../parts/exponents.ts';
import { edgeSpan, heatMap } from '../parts/heat-map.ts';
import { exponentScheme } from '../parts/palettes.ts';

export const figure = defineFigure({
  id: '4b',
  title: 'Model exponent over weight decay and data exponent',
  section: 'Model exponents',
  needs: { experiments: ['small'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
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
      mark: { type: 'rect', filled: false, strokeWidth: 1.87, cornerRadius: 9, stroke },
      encoding: { x2: { field: 'x2' }, y2: { field: 'y2' } },
    };
    const at = { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 };
    return [box, ...labels([{ ...at, text, align: 'center', colour: '#ffffff', halo: '#222222', size: 9.4 }])];
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
