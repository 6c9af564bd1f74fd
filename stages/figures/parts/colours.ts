/** Colour encodings by role, with their legends. */
import type { Fragment, Interval } from 'repro/figures';
import { alphaScheme, frequencyColours, frequencyNames, gammaRange, widthScheme } from './palettes.ts';

const gammaLegend: Fragment = {
  type: 'symbol',
  title: ['Weight', 'decay γ'],
  values: [-1, -0.5, 0, 0.5, 1],
  format: '.1f',
  symbolSize: 36,
  symbolOpacity: 1,
};

/** Diverging over [-1, 1] always, so that one colour means one weight decay in all figures. */
export const gammaColour: Fragment = {
  field: 'gamma',
  type: 'quantitative',
  scale: { domain: [-1, 1], range: gammaRange, interpolate: 'rgb' },
  legend: gammaLegend,
};

/** The same, with the weight decays that are drawn in the legend and no others. */
export function gammaColourOf(rows: readonly { readonly gamma: number }[]): Fragment {
  const values = [...new Set(rows.map(({ gamma }) => Number(gamma.toFixed(2))))].sort((a, b) => a - b);
  return { ...gammaColour, legend: { ...gammaLegend, values, format: '.2f' } };
}

/** Over [0, 2] always; the palest end of the scheme is left out. */
export const alphaColour: Fragment = {
  field: 'alpha',
  type: 'quantitative',
  scale: { domain: [0, 2], scheme: { name: alphaScheme, extent: [0, 0.94] } },
  legend: {
    type: 'symbol',
    title: ['Data', 'exponent α'],
    values: [0, 0.5, 1, 1.5, 2],
    format: '.1f',
    symbolSize: 36,
    symbolOpacity: 1,
  },
};

/** By model dimension, on a logarithmic scale as the dimensions are spaced. */
export function widthColour(widths: readonly number[]): Fragment {
  return {
    field: 'm',
    type: 'quantitative',
    scale: { type: 'log', domain: [widths[0]!, widths.at(-1)!], scheme: { name: widthScheme, extent: [0, 0.96] } },
    legend: { type: 'symbol', title: ['Model', 'dimension m'], values: widths, format: 'd', symbolSize: 36 },
  };
}

/** Distinct in grey print too. */
export const curveShapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross'] as const;

/** A few curves, each with an entry of its own in the legend: the labels in order. */
export function curveColour(
  title: string | readonly string[],
  curves: readonly string[],
  shape: string,
  scheme = alphaScheme,
): Fragment {
  return {
    field: 'curve',
    type: 'ordinal',
    scale: { domain: curves, scheme: { name: scheme, extent: [0, 0.9] } },
    legend: { title, orient: 'bottom', columns: 2, symbolType: shape, symbolOpacity: 1, symbolSize: 36 },
  };
}

export function frequencyColour(present: readonly string[], legend: boolean, shape = 'circle'): Fragment {
  const domain = Object.keys(frequencyColours).filter((name) => present.includes(name));
  return {
    field: 'frequencies',
    type: 'nominal',
    scale: { domain: domain.map((name) => frequencyNames[name]), range: domain.map((name) => frequencyColours[name]) },
    legend: legend
      ? {
          title: 'Feature frequencies',
          orient: 'bottom',
          columns: 2,
          symbolOpacity: 1,
          symbolSize: 36,
          symbolType: shape,
        }
      : null,
  };
}

/** Fractions from white (0) to purple (1), or another quantity on a named scheme. */
export function heatColour(
  title: string | readonly string[],
  domain: Interval,
  scale: Fragment,
  legend: Fragment = {},
): Fragment {
  return {
    field: 'value',
    type: 'quantitative',
    scale: { domain, ...scale },
    legend: { type: 'gradient', title, ...legend },
  };
}
