/** Beyond the paper: loss and exponents with zero initial biases, beside the paper's random ones. */
import {
  fixed,
  linearAxis,
  linearDomain,
  logAxis,
  logDomain,
  panelTitle,
  plot,
  sheet,
  signed,
  span,
  theory,
} from 'repro/figures';
import type { Figure, Fragment, Row } from 'repro/figures';
import { exp, ln } from '../../../numerics/elementary.ts';
import { fewestSeeds, meanInterval } from '../../../numerics/statistics/mean-interval.ts';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import { defineFigure, runFigure } from '../define.ts';
import { gammasOf, sameGamma, scaleOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { alphaAxis } from '../parts/exponents.ts';
import {
  biasLayers,
  biasPairs,
  biases,
  bothBiases,
  byGamma,
  matched,
  modelsOf,
  needsBothBiases,
  seedsByWidth,
  shownPairs,
  stacked,
  widthPanels,
} from '../parts/zero-biases.ts';
import { tooFewFor } from '../parts/without-fit.ts';
import type { Bias, BiasPair } from '../parts/zero-biases.ts';

export const figure = defineFigure({
  id: 'zero-bias-loss',
  title: 'Loss and exponents with random and with zero initial biases',
  section: 'Beyond the paper',
  needs: needsBothBiases,
  draw,
});
export const run = runFigure(figure);

function draw(data: FigureData): Figure {
  const pairs = biasPairs(data);
  const shown = shownPairs(pairs);
  const losses = shown.flatMap(lossRows);
  const bars = losses.flatMap(({ y, low = y, high = y }) => [Math.max(low, y / 3), Math.min(high, y * 3)]);
  const lossPanels = widthPanels(shown, logAxis('Loss L', logDomain(bars, 1.2)), lossRows);
  const exponentPanels = panelsOfExponents(data, gammasOf(pairs));
  return {
    specification: sheet(
      data.title,
      scaleOf(modelsOf(shown)),
      stacked([...lossPanels, ...(exponentPanels.length ? [exponentPanels] : [])]),
    ),
    caption:
      `${byGamma(pairs, found)} ` +
      `Top: loss against model dimension, the geometric mean over seeds; bars: its 95% interval where there are at least ${fewestSeeds} seeds. ` +
      (exponentPanels.length
        ? `Bottom: the model exponent αₘ against the data exponent α, the two kinds of biases set apart a little; each over all m and seeds that were trained; bars: 95% interval over at least ${fewestSeeds} seeds; dashed: αₘ = 1. `
        : `No exponents: ${tooFewFor('a line', data, ...bothBiases)}. `) +
      'Models of the same m and seed differ in nothing but the biases before training: the first W and the samples are the same.',
  };
}

interface MarkedRow extends Row {
  readonly bias: Bias;
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

function lossRows({ models }: BiasPair): MarkedRow[] {
  return biases.flatMap((bias) =>
    seedsByWidth(models[bias]).map(({ m, seeds }) => {
      const { mean, low, high } = meanInterval(seeds.map(({ loss }) => ln(loss)));
      const interval = seeds.length >= fewestSeeds ? { low: exp(low), high: exp(high) } : {};
      return { bias, x: m, y: exp(mean), ...interval };
    }),
  );
}

/** Of all data exponents, also those with one kind of biases; the zero ones a little to the right, so that neither hides the other. */
function exponentRows(data: FigureData, gamma: number): MarkedRow[] {
  return biases.flatMap((bias, i) =>
    data.everySeed(bothBiases[i]!).exponents.flatMap((fit): MarkedRow[] => {
      if (fit.alpha === null || !sameGamma(fit.gamma, gamma)) return [];
      const interval = fit.errorFrom === 'seeds' ? { low: fit.low, high: fit.high } : {};
      return [{ bias, x: fit.alpha + (bias === 'zero' ? 0.015 : -0.015), y: fit.exponent, ...interval }];
    }),
  );
}

function panelsOfExponents(data: FigureData, gammas: readonly number[]): Fragment[] {
  const rows = gammas.map((gamma) => exponentRows(data, gamma));
  const values = rows.flat().flatMap(({ y, low = y, high = y }) => [low, high]);
  if (!values.length) return [];
  const y = linearAxis('Model exponent αₘ', linearDomain([1.2, ...values]));
  const one = theory([
    { x: -0.1, y: 1 },
    { x: 2.1, y: 1 },
  ]);
  return gammas.map((gamma, i) => ({
    title: panelTitle(`γ = ${signed(gamma, 3)}`),
    ...plot(alphaAxis, i ? { ...y, title: null } : y, [...one, ...biasLayers(rows[i]!, y)], {
      width: 225,
      height: 125,
    }),
  }));
}

/** Fewer m are no line. */
const fewestWidths = 3;

/** "At γ = −0.556, over the m and seeds that both have, the loss at the largest m is 1.46 times as high with random initial biases as with zero ones, ..." */
function found(pairs: readonly BiasPair[]): string {
  const curves = pairs.map((pair) => ({ alpha: pair.alpha, rows: lossRows(matched(pair)) }));
  const long = curves.filter(({ rows }) => rows.length >= 2 * fewestWidths);
  // Where a curve has begun with its smallest m alone, its largest m says nothing of large m.
  const told = long.length ? long : curves;
  const ratios = told.map(({ rows }) => {
    const [random, zero] = biases.map((bias) => rows.findLast((row) => row.bias === bias)!.y);
    return random! / zero!;
  });
  const fitted = long.map(({ rows }) => rows);
  const alphas = span(told.map(({ alpha }) => alpha));
  const exponents = (bias: Bias): string => {
    const values = fitted.map((rows) => {
      const points = rows.filter((row) => row.bias === bias);
      return -fitPowerLaw(
        points.map(({ x }) => x),
        points.map(({ y }) => y),
      ).slope;
    });
    return values.length === 1 ? fixed(values[0]!) : span(values, 2);
  };
  return (
    `At γ = ${signed(pairs[0]!.gamma, 3)}, over the m and seeds that both have, the loss at the largest m is ${span(ratios, 2)} times as high with random initial biases as with zero ones` +
    `${fitted.length ? `, and αₘ is ${exponents('random')} with the former, ${exponents('zero')} with the latter` : ''}` +
    ` (${told.length === 1 ? `α = ${alphas}` : `${told.length} values of α, ${alphas}`}).`
  );
}
