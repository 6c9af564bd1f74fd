/** Figs. 3a, 3b and 13: weight decay tunes phi_1/2, the fraction of features represented. */
import { fixed, mean, some } from 'repro/figures';
import type { Fragment } from 'repro/figures';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { alphasOf, gammasOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { heatColour } from './colours.ts';
import { heatMap } from './heat-map.ts';
import { fractionRange } from './palettes.ts';

const fractionColour = heatColour(['Represented', 'fraction φ₁∕₂'], [0, 1], {
  range: fractionRange,
  interpolate: 'rgb',
});

export function fractionMap(
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
  some(cells, 'power-law models');
  return heatMap(cells, gammasOf(models), alphasOf(models), fractionColour, [], size, titles);
}

export function meansBySign(models: readonly ModelSummary[]): string {
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

export function rangeOf(values: readonly number[]): string {
  const [low, high] = [fixed(Math.min(...values)), fixed(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}
