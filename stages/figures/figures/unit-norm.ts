/** Beyond the paper: rows held at unit norm. */
import {
  fixed,
  lines,
  logAxis,
  logDomain,
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
import type { Figure } from 'repro/figures';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { defineFigure, runFigure } from '../define.ts';
import { gammasOf, nearestGammas, sameGamma, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { alphaColour } from '../parts/colours.ts';
import { widthAxis } from '../parts/width-ticks.ts';

export const figure = defineFigure({
  id: 'unit-norm',
  title: 'Rows held at unit norm',
  section: 'Beyond the paper',
  needs: { experiments: ['unit-norm', 'small'] },
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const held = data.sweep('unit-norm', 'unit-rows').models;
  const free = data.sweep('small').models;
  const { chosen, remark } = nearestGammas(gammasOf(free), [-1, 5 / 9]);
  const compared = chosen.map((gamma) => ({
    gamma,
    pairs: held.flatMap((model): Pair[] =>
      partnersOf(model, free, gamma).map((partner) => ({ held: model, free: partner })),
    ),
  }));
  const pairs = some(
    compared.flatMap((group) => group.pairs),
    'models of "small" with the α and m of those in "unit-norm"',
  );
  const widths = widthsOf(pairs.map((pair) => pair.held));
  const y = logAxis('L (unit rows) / L', logDomain([1, ...pairs.map(ratio)], 1.25));
  const panels = compared.flatMap(({ gamma, pairs }) => {
    const rows = rowsOf(
      pairs,
      { alpha: (pair) => pair.held.alpha ?? 0, x: (pair) => pair.held.m, y: ratio },
      'alpha',
      'x',
    );
    const equal = theory([
      { x: widths[0]!, y: 1 },
      { x: widths.at(-1)!, y: 1 },
    ]);
    const color = { color: alphaColour };
    const layers = [
      lines(rows, { ...color, detail: { field: 'alpha', type: 'nominal' } }, { opacity: 0.6 }),
      points(rows, color, { size: 21 }),
      ...equal,
    ];
    return rows.length
      ? [
          {
            title: panelTitle(`against γ = ${signed(gamma, 3)}`),
            ...plot(widthAxis(widths), y, layers, { width: 167, height: 149 }),
          },
        ]
      : [];
  });
  const found = compared
    .filter((group) => group.pairs.length)
    .map(
      ({ gamma, pairs }) =>
        `γ = ${signed(gamma, 3)} the median is ${fixed(median(pairs.map(ratio)))}, and ${pairs.filter((pair) => ratio(pair) <= 1).length} of ${pairs.length} are at most 1`,
    );
  return {
    specification: sheet(data.title, scaleOf(held), { hconcat: panels, spacing: 14 }),
    caption: `Loss of models whose rows are projected to unit norm after each step, over that of the free models with the same α and m. Against ${found.join('; against ')}. Dashed: equal losses.${remark}`,
  };
}

interface Pair {
  readonly held: ModelSummary;
  readonly free: ModelSummary;
}

const ratio = ({ held, free }: Pair): number => held.loss / free.loss;

function partnersOf({ alpha, m }: ModelSummary, free: readonly ModelSummary[], gamma: number): ModelSummary[] {
  return free.filter((model) => model.alpha === alpha && model.m === m && sameGamma(model.gamma, gamma));
}
