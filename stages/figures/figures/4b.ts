/** Fig. 4b: model exponent over weight decay and data exponent. */
import { fixed, ink, inline, labels, mean, panelTitle, sheet } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { alphasOf, gammasOf, scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { heatColour } from '../parts/colours.ts';
import { powerLawFits } from '../parts/exponents.ts';
import { edgeSpan, heatMap } from '../parts/heat-map.ts';
import { rangeOf } from '../parts/represented-fraction.ts';

export const figure = defineFigure({
  id: '4b',
  title: 'Model exponent over weight decay and data exponent',
  section: 'Model exponents',
  needs: { experiments: ['small'], published: true },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const fits = powerLawFits(data, sweep);
  const published = data.published('exponents');
  const here = panelOf(fits, published.length ? 'here' : undefined, true);
  const theirs = published.length ? [panelOf(published, `the authors, n = ${publishedFeatures.small}`, false)] : [];
  const described = regions.flatMap((region) => {
    const inside = fits.filter((fit) => region.gamma(fit.gamma) && region.alpha(fit.alpha)).map((fit) => fit.exponent);
    if (!inside.length) return [];
    const [centre, range] = [fixed(mean(inside)), rangeOf(inside)];
    return [
      `where ${region.name}, ${range === centre ? `αₘ is ${centre}` : `the mean is ${centre}, the range ${range}`}`,
    ];
  });
  return {
    specification: sheet(
      data.title,
      scaleOf(sweep.models),
      theirs.length ? { hconcat: [here, ...theirs] } : here,
      theirs.length > 0,
    ),
    caption:
      `αₘ, fitted to log L against log m in each cell; the colours diverge from 1, and the ends of their scale hold for what is beyond. ` +
      `The boxes are where the authors see three behaviours, each with its mean: αₘ near 1 (left), slow decay (right), and αₘ growing with α (top left).` +
      `${described.length ? ` Here, ${described.join('; ')}.` : ''}` +
      (theirs.length ? ' Right: the exponents of the authors’ figure (arXiv:2505.10465), which ends at 0 and 2.' : ''),
  };
}

interface Cell {
  readonly gamma: number;
  readonly alpha: number;
  readonly exponent: number;
}

/** Purple above 1, orange below: distinct under the common colour blindnesses, and pale where αₘ is 1. */
const colour = heatColour(
  ['Model', 'exponent αₘ'],
  [0, 2],
  { scheme: 'purpleorange', reverse: true, domainMid: 1, clamp: true },
  { values: [0, 0.5, 1, 1.5, 2], format: '.1f' },
);

function panelOf(cells: readonly Cell[], title: string | undefined, first: boolean): Fragment {
  const [gammas, alphas] = [gammasOf(cells), alphasOf(cells)];
  const boxes = regions.flatMap(({ gamma, alpha }) => {
    const [x, y] = [edgeSpan(gammas, gamma), edgeSpan(alphas, alpha)];
    const inside = cells.filter((cell) => gamma(cell.gamma) && alpha(cell.alpha));
    if (!x || !y || !inside.length) return [];
    const inset = 0.025;
    const row = { x: x[0] + inset, x2: x[1] - inset, y: y[0] + inset, y2: y[1] - inset };
    const box: Fragment = {
      data: inline([row]),
      mark: { type: 'rect', filled: false, strokeWidth: 1.2, cornerRadius: 5, stroke: ink },
      encoding: { x2: { field: 'x2' }, y2: { field: 'y2' } },
    };
    const at = { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 };
    const text = `mean ${fixed(mean(inside.map((cell) => cell.exponent)))}`;
    return [box, ...labels([{ ...at, text, align: 'center' }])];
  });
  const values = cells.map(({ gamma, alpha, exponent }) => ({ gamma, alpha, value: exponent }));
  const titles = ['Weight decay γ', first ? 'Data exponent α' : null] as const;
  const map = heatMap(values, gammas, alphas, colour, boxes, undefined, titles);
  return title === undefined ? heatMap(values, gammas, alphas, colour, boxes) : { title: panelTitle(title), ...map };
}

interface Region {
  readonly name: string;
  readonly gamma: (value: number) => boolean;
  readonly alpha: (value: number) => boolean;
}

/** The three boxes of the authors' Fig. 4b. */
export const regions: readonly Region[] = [
  { name: 'it is near 1', gamma: (gamma) => gamma < -0.33, alpha: (alpha) => alpha <= 1.375 },
  { name: 'decay is slow', gamma: (gamma) => gamma > 0.1, alpha: () => true },
  { name: 'it grows with α', gamma: (gamma) => gamma < -0.1, alpha: (alpha) => alpha >= 1.6 },
];
