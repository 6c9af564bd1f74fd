/** Beyond the paper: how much of the loss dead features make, with random and with zero initial biases. */
import { linearAxis, mean, median, sheet, signed } from 'repro/figures';
import type { Figure } from 'repro/figures';
import { deadMeaning, deadShare } from '../../toy/dead-features.ts';
import { defineFigure, runFigure } from '../define.ts';
import { scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import {
  biasPairs,
  biases,
  byGamma,
  matched,
  modelsOf,
  needsBothBiases,
  seedsByWidth,
  shownPairs,
  stacked,
  widthPanels,
} from '../parts/zero-biases.ts';
import type { Bias, BiasPair } from '../parts/zero-biases.ts';

export const figure = defineFigure({
  id: 'zero-bias-dead',
  title: 'Share of dead features in the loss with random and with zero initial biases',
  section: 'Beyond the paper',
  needs: needsBothBiases,
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const shown = shownPairs(biasPairs(data));
  const y = linearAxis('Dead share of the loss', [-0.03, 1.03], { format: '.0%' });
  return {
    specification: sheet(data.title, scaleOf(modelsOf(shown)), stacked(widthPanels(shown, y, shareRows))),
    caption:
      `${byGamma(shown, found)} ` +
      `${deadMeaning} ` +
      'Points: means over seeds of the part of the loss made at dead output units; bars: from the smallest to the largest seed.',
  };
}

function shareRows({ models }: BiasPair) {
  return biases.flatMap((bias) =>
    seedsByWidth(models[bias]).map(({ m, seeds }) => {
      const shares = seeds.map(deadShare);
      const range = seeds.length > 1 ? { low: Math.min(...shares), high: Math.max(...shares) } : {};
      return { bias, x: m, y: mean(shares), ...range };
    }),
  );
}

function found(pairs: readonly BiasPair[]): string {
  const share = (wanted: Bias): string => {
    const shares = pairs.flatMap((pair) =>
      shareRows(matched(pair)).flatMap(({ bias, y }) => (bias === wanted ? [y] : [])),
    );
    return `${signed(100 * median(shares), 1)}%`;
  };
  return `At γ = ${signed(pairs[0]!.gamma, 3)} dead features make ${share('random')} of the loss with random initial biases and ${share('zero')} with zero ones (medians over the α shown, and the m and seeds that both have).`;
}
