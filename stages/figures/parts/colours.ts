/** Colour encodings by role, with their legends. */
import { compact, distinct } from 'repro/figures';
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

/**
 * A few weight decays, each with a colour of the same scale and a shape of its own, so that neither grey print nor a
 * reader's eyes need the colour. `rows`: all that the figure shows, whoever measured it.
 */
export function gammaMarks(rows: readonly { readonly gamma: number }[]): { color: Fragment; shape: Fragment } {
  const domain = distinct(rows.map(({ gamma }) => compact(gamma)));
  const legend = {
    type: 'symbol',
    title: ['Weight', 'decay γ'],
    labelExpr: "format(datum.value, '.2f')",
    symbolSize: 36,
    symbolOpacity: 1,
  };
  const by = (range: readonly string[]): Fragment => ({
    field: 'gamma',
    type: 'nominal',
    scale: { domain, range },
    legend,
  });
  return {
    color: by(domain.map(gammaColourAt)),
    shape: by(domain.map((_, i) => gammaShapes[i % gammaShapes.length]!)),
  };
}

const gammaShapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'] as const;

/** Of the scale over [-1, 1], darkened where a thin line of it would not be seen on white. */
function gammaColourAt(gamma: number): string {
  const place = ((Math.max(-1, Math.min(1, gamma)) + 1) / 2) * (gammaRange.length - 1);
  const [low, high] = [gammaRange[Math.floor(place)]!, gammaRange[Math.ceil(place)]!];
  const channels = [1, 3, 5].map((at) => {
    const [from, to] = [low, high].map((colour) => parseInt(colour.slice(at, at + 2), 16)) as [number, number];
    return from + (to - from) * (place - Math.floor(place));
  });
  const light = (0.299 * channels[0]! + 0.587 * channels[1]! + 0.114 * channels[2]!) / 255;
  const factor = Math.min(1, lightest / light);
  return `#${channels
    .map((channel) =>
      Math.round(channel * factor)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

const lightest = 0.62;

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

/** Frequencies by colour and by shape, the shapes of Figs. 1b and 1d. */
export function frequencyMarks(present: readonly string[]): { color: Fragment; shape: Fragment } {
  const { legend, ...color } = frequencyColour(present, true) as { legend: Record<string, unknown>; scale: Fragment };
  const { symbolType: _, ...own } = legend;
  const shapes = Object.keys(frequencyColours).flatMap((name, i) => (present.includes(name) ? [curveShapes[i]!] : []));
  return {
    color: { ...color, legend: own },
    shape: { ...color, scale: { ...color.scale, range: shapes }, legend: own },
  };
}

/** A few curves by colour and by shape, with one legend. */
export function curveMarks(
  title: string | readonly string[],
  curves: readonly string[],
  scheme = alphaScheme,
): { color: Fragment; shape: Fragment } {
  const { legend, ...color } = curveColour(title, curves, 'circle', scheme) as {
    legend: Record<string, unknown>;
    scale: Fragment;
  };
  const { symbolType: _, ...own } = legend;
  const range = curves.map((_, i) => curveShapes[i % curveShapes.length]!);
  return {
    color: { ...color, type: 'nominal', legend: own },
    shape: { ...color, type: 'nominal', scale: { domain: curves, range }, legend: own },
  };
}
