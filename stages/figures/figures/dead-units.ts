/** Beyond the paper: weakly represented features: dead units and the bias they began with. */
import {
  fixed,
  linearAxis,
  lines,
  median,
  panelTitle,
  plot,
  points,
  rowsOf,
  sheet,
  signed,
  some,
  theory,
} from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { deadMeaning } from '../../toy/dead-features.ts';
import { deadFeatures } from '../../toy/measure-geometry/dead.ts';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData, Measurement } from '../figure-data.ts';
import { nearestCells } from '../needs.ts';
import { alphaColour } from '../parts/colours.ts';
import { strongColour, weakColour } from '../parts/palettes.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: 'dead-units',
  title: 'Weakly represented features: dead units and the bias they began with',
  section: 'Beyond the paper',
  needs: {
    experiments: ['small'],
    superposition: 'strong',
    models: (cells) => nearestCells(cells, { alpha: 1, gamma: -5 / 9 }),
  },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const strong = data
    .sweep('small')
    .models.filter(({ gamma, dead }) => gamma < 0 && dead.lowerInitialBias !== null && dead.lessFrequent !== null);
  some(strong, 'models with γ < 0 and dead units');
  const model = [...data.measurements].sort((a, b) => distance(a) - distance(b) || a.summary.m - b.summary.m)[0]!;
  const { alpha, gamma, m, n } = model.summary;
  const norms = model.rowNorm;
  const initial = model.initialBias;
  const dead = deadFeatures(norms, model.bias);
  const features = norms.map((norm, i) => ({ x: initial[i]!, y: norm, state: dead[i] ? deadLabel : openLabel }));
  const low = Math.floor(Math.min(...initial));
  const high = Math.ceil(Math.max(...initial));
  const top = 1.08 * Math.max(...norms);
  const one = plot(
    linearAxis('Bias before training', [low, high], { tickCount: 7 }),
    linearAxis('Row norm after it', [0.95 * Math.min(...norms), top]),
    [points(features, { color: state, shape: stateShape }, { size: 9, strokeWidth: 0, opacity: 0.75 })],
    { width: 140, height: 130 },
  );

  const widths = widthsOf(strong);
  const byWidth = (quantity: 'lowerInitialBias' | 'lessFrequent') =>
    rowsOf(
      strong,
      {
        alpha: (cell) => cell.alpha ?? 0,
        x: (cell) => cell.m,
        y: (cell) => cell.dead[quantity]!,
        detail: (cell) => `${cell.alpha} ${cell.gamma}`,
      },
      'alpha',
      'detail',
      'x',
    );
  const chance = theory([
    { x: widths[0]!, y: 0.5 },
    { x: widths.at(-1)!, y: 0.5 },
  ]);
  const against = (title: string, quantity: 'lowerInitialBias' | 'lessFrequent', last: boolean): Fragment => {
    const rows = byWidth(quantity);
    const encoding = { color: last ? alphaColour : { ...alphaColour, legend: null } };
    const layer = [
      ...chance,
      lines(rows, { ...encoding, detail: { field: 'detail', type: 'nominal' } }, { opacity: 0.5 }),
      points(rows, encoding, { size: 17 }),
    ];
    return {
      title: panelTitle(title),
      ...plot(widthAxis(widths), linearAxis(last ? null : 'Probability', [0, 1.03]), layer, {
        width: 120,
        height: 130,
      }),
    };
  };
  const share = (quantity: 'lowerInitialBias' | 'lessFrequent', width: number): string =>
    fixed(median(strong.filter((cell) => cell.m === width).map(({ dead }) => dead[quantity]!)));
  return {
    specification: sheet(data.title, scaleOf(strong), {
      hconcat: [
        { title: panelTitle(`α = ${signed(alpha ?? 0, 3)}, γ = ${signed(gamma, 3)}, m = ${m}`), ...one },
        against('the dead began with a lower bias', 'lowerInitialBias', false),
        against('the dead are less frequent', 'lessFrequent', true),
      ],
      spacing: 14,
      resolve: { scale: { color: 'independent', shape: 'independent' }, legend: { color: 'independent' } },
    }),
    caption:
      `${deadMeaning} Left: every feature of one model, of which ${dead.filter(Boolean).length} of ${n} are dead. ` +
      `Right, at γ < 0: the probability that a dead feature began with a lower bias than one that is not dead, and that it is less frequent; dashed: chance. ` +
      `Medians at m = ${widths[0]!}: ${share('lowerInitialBias', widths[0]!)} and ${share('lessFrequent', widths[0]!)}; at m = ${widths.at(-1)!}: ${share('lowerInitialBias', widths.at(-1)!)} and ${share('lessFrequent', widths.at(-1)!)}.`,
  };
}

const [openLabel, deadLabel] = ['can open its unit', 'cannot (dead)'] as const;

const state: Fragment = {
  field: 'state',
  type: 'nominal',
  scale: { domain: [openLabel, deadLabel], range: [strongColour, weakColour] },
  legend: { title: 'Its own activation', orient: 'bottom', direction: 'horizontal', symbolOpacity: 1 },
};

const stateShape: Fragment = {
  ...state,
  scale: { domain: [openLabel, deadLabel], range: ['circle', 'triangle-up'] },
};

/** Both kinds are seen where about a quarter is dead. */
function distance({ summary }: Measurement): number {
  return Math.abs(summary.dead.fraction - 0.25);
}
