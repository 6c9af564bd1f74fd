/** Beyond the paper: row norms of models with random and with zero initial biases, side by side. */
import { linearAxis, logAxis, panelTitle, plot, points, sheet, signed, some } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { isZero } from '../../toy/beyond-reach.ts';
import { deadMeaning } from '../../toy/dead-features.ts';
import { deadFeatures } from '../../toy/measure-geometry/dead.ts';
import { defineFigure, runFigure } from '../define.ts';
import { gammasOf, sameGamma, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData, Measurement } from '../figure-data.ts';
import { middle, nearestCells } from '../needs.ts';
import type { ModelCell } from '../needs.ts';
import { strongColour, weakColour } from '../parts/palettes.ts';
import { needsBothBiases } from '../parts/zero-biases.ts';

export const figure = defineFigure({
  id: 'zero-bias-norms',
  title: 'Row norms of models with random and with zero initial biases',
  section: 'Beyond the paper',
  needs: { ...needsBothBiases, models: middleCells },
  draw,
});
export const run = runFigure(figure);

/** One at each of two weight decays, α = 1 and the middle m. */
function middleCells<C extends ModelCell>(cells: readonly C[]): C[] {
  const found = [-5 / 9, 1 / 3].flatMap((gamma) => nearestCells(cells, { alpha: 1, gamma }));
  const m = middle(widthsOf(found));
  return [...new Set(found)].filter((cell) => cell.m === m);
}

function draw(data: FigureData): Figure {
  const models = data.measurements;
  const fromZero = ({ summary: { initialBias } }: Measurement): boolean => isZero(initialBias);
  const pairs = models
    .filter((model) => !fromZero(model))
    .flatMap((random) => {
      const zero = models.find((model) => fromZero(model) && sameCell(model, random));
      return zero ? [{ random, zero }] : [];
    })
    .sort((a, b) => a.random.summary.gamma - b.random.summary.gamma);
  some(pairs, 'two measured models that differ in nothing but their initial biases');
  const shown = pairs.flatMap(({ random, zero }) => [random, zero]);
  const top = 1.06 * Math.max(...shown.flatMap(({ rowNorm }) => rowNorm));
  const y = linearAxis('Row norm ‖Wᵢ‖', [-0.03 * top, top]);
  const width = pairs.length > 1 ? 112 : 225;
  const panels = shown.map((model, i) => ({
    title: panelTitle(`γ = ${signed(model.summary.gamma, 3)}, ${fromZero(model) ? 'zero' : 'random'}`),
    ...plot(
      logAxis('Rank of the feature', [0.8, model.rowNorm.length * 1.25]),
      i ? { ...y, title: null } : y,
      [points(featureRows(model), stateMarks, { size: 9, strokeWidth: 0, opacity: 0.75 })],
      { width, height: 140 },
    ),
  }));
  const { alpha } = shown[0]!.summary;
  return {
    specification: sheet(data.title, `${scaleOf(shown.map(({ summary }) => summary))}, α = ${signed(alpha ?? 0, 3)}`, {
      hconcat: panels,
      spacing: 12,
    }),
    caption:
      `${pairs.map(({ random, zero }) => `At γ = ${signed(random.summary.gamma, 3)}, ${dead(random)} features are dead with random initial biases, ${dead(zero)} with zero ones; ${represented(random)} and ${represented(zero)} have row norms above 1/2.`).join(' ')} ` +
      `Every feature of ${shown.length} models${gammasOf(shown.map(({ summary }) => summary)).length > 1 ? ', at each γ two that' : ' that'} differ in nothing but the biases before training. ` +
      deadMeaning,
  };
}

function sameCell({ summary: a }: Measurement, { summary: b }: Measurement): boolean {
  return a.alpha === b.alpha && sameGamma(a.gamma, b.gamma) && a.m === b.m && a.n === b.n;
}

const dead = ({ rowNorm, bias }: Measurement): string =>
  `${deadFeatures(rowNorm, bias).filter(Boolean).length} of ${rowNorm.length}`;

const represented = ({ rowNorm }: Measurement): number => rowNorm.filter((norm) => norm > 0.5).length;

function featureRows({ rowNorm, bias }: Measurement) {
  const isDead = deadFeatures(rowNorm, bias);
  return rowNorm.map((y, i) => ({ x: i + 1, y, state: isDead[i] ? 'dead' : 'live' }));
}

const byState = (range: readonly string[]): Fragment => ({
  field: 'state',
  type: 'nominal',
  scale: { domain: ['live', 'dead'], range },
  legend: { title: 'Feature', orient: 'bottom', direction: 'horizontal', symbolOpacity: 1, symbolSize: 36 },
});
const stateMarks = { color: byState([strongColour, weakColour]), shape: byState(['circle', 'triangle-up']) };
