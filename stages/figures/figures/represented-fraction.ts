/** Figs. 3a, 3b and 13: weight decay tunes phi_1/2, the fraction of features represented. */
import { linearAxis } from '../axes.ts';
import { heatColour, widthColour } from '../colours.ts';
import {
  alphasOf,
  fixed,
  gammasOf,
  mean,
  nearestValues,
  sameGamma,
  scaleOf,
  signed,
  widthsOf,
} from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { heatMap } from '../heat-map.ts';
import { lines, panelTitle, plot, points, sheet } from '../marks.ts';
import { distinct, middle, nearest } from '../needs.ts';
import { frequencyByRank, normColour, normDensity } from '../row-norms.ts';
import { fractionRange } from '../theme.ts';
import type { Fragment } from '../theme.ts';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { rowsOf } from '../tables.ts';

const fractionAxis = linearAxis('Represented fraction φ₁∕₂', [-0.04, 1.06], {
  values: [0, 0.25, 0.5, 0.75, 1],
  format: '.2~f',
});

export function figure3a(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const { chosen, remark } = nearestValues(alphasOf(sweep.models), [1], 'α');
  const models = sweep.models.filter((model) => model.alpha === chosen[0]);
  const widths = widthsOf(models);
  const rows = rowsOf(
    models,
    { m: ({ m }) => m, x: ({ gamma }) => gamma, y: ({ representedFraction }) => representedFraction },
    'm',
    'x',
  );
  const color = { color: widthColour(widths), detail: { field: 'm', type: 'nominal' } };
  const x = linearAxis('Weight decay γ', [-1.08, 1.08], { values: [-1, -0.5, 0, 0.5, 1], format: '~g' });
  const main = plot(x, fractionAxis, [lines(rows, color), points(rows, color)], { width: 320, height: 290 });

  const example = data.measurements[0]!;
  const { gamma, m } = example.summary;
  const size = { width: 200, height: 100 };
  const side = {
    vconcat: [
      {
        title: panelTitle(`γ = ${signed(gamma, 3)}, m = ${m}`),
        ...frequencyByRank(example, normColour, size, 'Feature rank i'),
      },
      normDensity(example.rowNorm, 0.05, 0.5, normColour, size, true),
    ],
    spacing: 24,
    resolve: { legend: { color: 'shared' }, scale: { color: 'shared' } },
  };
  const shown = distinct([-1, -1 / 9, 1].map((wanted) => nearest(gammasOf(models), wanted)));
  const fractionsAt = shown.map((value) => {
    const fractions = models.filter((model) => sameGamma(model.gamma, value)).map((model) => model.representedFraction);
    return `${rangeOf(fractions)} at γ = ${signed(value, 3)}`;
  });
  const { middleNormFraction, representedFraction } = example.summary;
  return {
    specification: sheet(data.title, `${scaleOf(models)}, α = ${signed(chosen[0]!)}`, {
      hconcat: [main, side],
      resolve: { legend: { color: 'independent' }, scale: { color: 'independent' } },
    }),
    caption:
      `Fraction φ₁∕₂ of features whose row norm exceeds 1/2, over the model dimensions: ${fractionsAt.join(', ')}. ` +
      `Right, for one model (γ = ${signed(gamma, 3)}, m = ${m}): frequency by rank, coloured by row norm, and the density of row norms; ` +
      `${fixed(100 * representedFraction, 0)}% of its rows have norm above 1/2 (dashed) and ${fixed(100 * middleNormFraction, 0)}% lie between 0.25 and 0.75.${remark}`,
  };
}

const fractionColour = heatColour(['Represented', 'fraction φ₁∕₂'], [0, 1], {
  range: fractionRange,
  interpolate: 'rgb',
});

export function figure3b(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const m = middle(widthsOf(sweep.models));
  const models = sweep.models.filter((model) => model.m === m && model.alpha !== null);
  return {
    specification: sheet(data.title, scaleOf(models), fractionMap(data, models)),
    caption: `φ₁∕₂ at m = ${m}, the middle of this set. ${meansBySign(models)}`,
  };
}

export function figure13(data: FigureData): Figure {
  const sweep = data.sweep('small');
  const models = sweep.models.filter((model) => model.alpha !== null);
  const widths = widthsOf(models);
  const maps = widths.map((m, i) => ({
    title: panelTitle(`m = ${m}`),
    ...fractionMap(
      data,
      models.filter((model) => model.m === m),
      { width: 150, height: 150 },
      titlesAt(i, widths.length),
    ),
  }));
  return {
    specification: sheet(data.title, scaleOf(models), { concat: maps, columns, spacing: 16 }),
    caption: `φ₁∕₂ over weight decay and data exponent, one panel per model dimension. ${meansBySign(models)}`,
  };
}

const columns = 3;

/** Axis titles on the left and at the foot only. */
function titlesAt(i: number, count: number): [string | null, string | null] {
  return [i + columns >= count ? 'Weight decay γ' : null, i % columns === 0 ? 'Data exponent α' : null];
}

function fractionMap(
  data: FigureData,
  models: readonly ModelSummary[],
  size?: { width: number; height: number },
  titles?: [string | null, string | null],
): Fragment {
  const cells = models.map(({ gamma, alpha, representedFraction }) => ({
    gamma,
    alpha: alpha!,
    value: representedFraction,
  }));
  data.some(cells, 'power-law models');
  return heatMap(cells, gammasOf(models), alphasOf(models), fractionColour, [], size, titles);
}

function meansBySign(models: readonly ModelSummary[]): string {
  const far = models.filter(({ gamma }) => Math.abs(gamma) > 0.55);
  const parts = [
    { name: 'γ ≤ −0.556', other: 'γ < 0', sign: -1 },
    { name: 'γ ≥ 0.556', other: 'γ > 0', sign: 1 },
  ].flatMap(({ name, other, sign }) => {
    const rows = far.filter(({ gamma }) => gamma * sign > 0);
    const all = models.filter(({ gamma }) => gamma * sign > 0);
    return rows.length ? [{ name, rows }] : all.length ? [{ name: other, rows: all }] : [];
  });
  const describe = (rows: readonly ModelSummary[]): string => {
    const fractions = rows.map((row) => row.representedFraction);
    const range = rangeOf(fractions);
    return range.includes(' ') ? `mean ${fixed(mean(fractions))}, range ${range}` : `${range} throughout`;
  };
  const widthOverN = models.map(({ m, n }) => m / n);
  return (
    parts.map(({ name, rows }) => `Where ${name}: ${describe(rows)}.`).join(' ') +
    ` For comparison, m/n is ${fixed(Math.min(...widthOverN), 3)}${widthOverN.every((ratio) => ratio === widthOverN[0]) ? '' : ` to ${fixed(Math.max(...widthOverN), 3)}`}.`
  );
}

function rangeOf(values: readonly number[]): string {
  const [low, high] = [fixed(Math.min(...values)), fixed(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}
