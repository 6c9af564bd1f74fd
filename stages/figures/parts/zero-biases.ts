/** Models with random initial biases, as in the paper, beside the same models with zero ones. */
import { errorBars, lines, panelTitle, plot, points, signed, some } from 'repro/figures';
import type { Fragment, Row } from 'repro/figures';
import type { ExponentFit, ModelSummary } from '../../toy/artifacts.ts';
import { wholeSeeds } from '../../toy/whole-seeds.ts';
import { alphasOf, gammasOf, nearestGammas, nearestValues, sameGamma, widthsOf } from '../figure-data.ts';
import type { FigureData, Sweep } from '../figure-data.ts';
import type { FigureNeeds } from '../needs.ts';
import { frequencyColours } from './palettes.ts';
import { widthAxis } from './width-ticks.ts';

/** With their replicates, those of the paper first. */
export const bothBiases = ['small', 'small-zero-bias'] as const;
export const needsBothBiases = { experiments: bothBiases } satisfies FigureNeeds;

export type Bias = 'random' | 'zero';
export const biases: readonly Bias[] = ['random', 'zero'];

/** All seeds and m at one weight decay and one data exponent. */
export interface BiasPair {
  readonly gamma: number;
  readonly alpha: number;
  readonly models: Readonly<Record<Bias, readonly ModelSummary[]>>;
  readonly fits: Readonly<Record<Bias, ExponentFit | undefined>>;
}

/**
 * The data exponents that have a model with each kind of biases at the same m, at the weight decays nearest to -5/9 and
 * 1/3. Ordered by gamma, then alpha. Throws NothingToDraw where there are none.
 */
export function biasPairs(data: FigureData): readonly BiasPair[] {
  const [drawn, zero] = bothBiases.map((name) => data.everySeed(name)) as [Sweep, Sweep];
  const { chosen } = nearestGammas(gammasOf(zero.models), [-5 / 9, 1 / 3]);
  const pairs = chosen.flatMap((gamma) =>
    alphasOf(zero.models).flatMap((alpha): BiasPair[] => {
      const here = (row: { gamma: number; alpha: number | null }): boolean =>
        row.alpha === alpha && sameGamma(row.gamma, gamma);
      const models = { random: drawn.models.filter(here), zero: zero.models.filter(here) };
      const fits = { random: drawn.exponents.find(here), zero: zero.exponents.find(here) };
      const pair = { gamma, alpha, models, fits };
      return matched(pair).models.zero.length ? [pair] : [];
    }),
  );
  return some(pairs, 'two models that differ in nothing but their initial biases');
}

/**
 * Only the models that differ in nothing but their initial biases: of the m and seeds that both kinds have, and of these
 * the seeds that have most m, as the report's tables have it.
 */
export function matched(pair: BiasPair): BiasPair {
  const { random, zero } = pair.models;
  const thoseOf = (models: readonly ModelSummary[], others: readonly ModelSummary[]): ModelSummary[] =>
    wholeSeeds(
      models.filter(({ m, replicate }) => others.some((other) => other.m === m && other.replicate === replicate)),
    );
  return { ...pair, models: { random: thoseOf(random, zero), zero: thoseOf(zero, random) } };
}

/** The models of pairs, of both kinds. */
export const modelsOf = (pairs: readonly BiasPair[]): readonly ModelSummary[] =>
  pairs.flatMap(({ models }) => biases.flatMap((bias) => models[bias]));

/** A sentence for the pairs of each weight decay. */
export const byGamma = (pairs: readonly BiasPair[], sentence: (pairs: readonly BiasPair[]) => string): string =>
  gammasOf(pairs)
    .map((gamma) => sentence(pairs.filter((pair) => pair.gamma === gamma)))
    .join(' ');

/** Of the pairs, those at the data exponents nearest to 0, 1 and 2. */
export function shownPairs(pairs: readonly BiasPair[]): readonly BiasPair[] {
  const { chosen } = nearestValues(alphasOf(pairs), [0, 1, 2], 'α');
  return pairs.filter(({ alpha }) => chosen.includes(alpha));
}

/** The seeds of each m, m ascending. */
export function seedsByWidth(models: readonly ModelSummary[]): { m: number; seeds: readonly ModelSummary[] }[] {
  return widthsOf(models).map((m) => ({ m, seeds: models.filter((model) => model.m === m) }));
}

const [randomColour, zeroColour] = [frequencyColours['power-law']!, frequencyColours['exponential']!];

const biasLegend = {
  title: 'Biases before training',
  orient: 'bottom',
  direction: 'horizontal',
  labelExpr: "datum.label === 'random' ? 'random, as in the paper' : 'zero'",
  symbolOpacity: 1,
  symbolSize: 36,
};
const byBias = (range: readonly string[]): Fragment => ({
  field: 'bias',
  type: 'nominal',
  scale: { domain: biases, range },
  legend: biasLegend,
});
/** The kinds of biases, by colour and by shape, with one legend. */
const biasMarks = { color: byBias([randomColour, zeroColour]), shape: byBias(['circle', 'square']) };

/** Points joined by lines, with a bar at each row that has `low` and `high`. */
export function biasLayers(rows: readonly Row[], y: Fragment): Fragment[] {
  const { color } = biasMarks;
  return [
    lines(rows, { color }, { opacity: 0.6 }),
    errorBars(
      rows.filter((row) => 'low' in row),
      y,
      { color },
    ),
    points(rows, biasMarks),
  ];
}

/** A panel over m for each pair: a row for each weight decay, or one row of all where there is one data exponent. */
export function widthPanels(
  pairs: readonly BiasPair[],
  y: Fragment,
  rowsOf: (pair: BiasPair) => readonly Row[],
): Fragment[][] {
  const single = alphasOf(pairs).length === 1;
  const widths = widthsOf(modelsOf(pairs));
  const across = single ? gammasOf(pairs).length : alphasOf(pairs).length;
  const size = { width: across > 2 ? 145 : 225, height: 125 };
  const rows = single ? [pairs] : gammasOf(pairs).map((gamma) => pairs.filter((pair) => pair.gamma === gamma));
  return rows.map((row) =>
    row.map((pair, i) => ({
      title: panelTitle(`γ = ${signed(pair.gamma, 3)}, α = ${signed(pair.alpha, 3)}`),
      ...plot(widthAxis(widths), i ? { ...y, title: null } : y, biasLayers(rowsOf(pair), y), size),
    })),
  );
}

/** Rows of panels below one another. */
export const stacked = (rows: readonly (readonly Fragment[])[]): Fragment => ({
  vconcat: rows.map((row) => ({ hconcat: row, spacing: 14 })),
  spacing: 12,
});
