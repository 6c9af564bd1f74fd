/** How every figure looks: colours by role, sizes, fonts. All palettes are safe for the common colour blindnesses. */

/** A Vega-Lite fragment. Not the library's own type: the tests hold every specification against its JSON Schema. */
export type Fragment = Readonly<Record<string, unknown>>;

/** Diverging, for weight decay: red is weight growth (strong superposition), blue is decay. ColorBrewer RdYlBu, its middle darkened to show on white. */
export const gammaRange = [
  '#a50026', '#d73027', '#f46d43', '#fdae61', '#f3cf6b', '#e9dd86', '#c3dcc9', '#96c8de', '#6aa6cd', '#4575b4', '#313695',
]; // prettier-ignore

/** Sequential, for the data exponent. */
export const alphaScheme = 'plasma';
/** Sequential, for the model dimension. */
export const widthScheme = 'cividis';
/** Sequential, for heat maps of exponents. */
export const exponentScheme = 'viridis';
/** White to purple, for heat maps of fractions. */
export const fractionRange = ['#ffffff', '#dadaeb', '#9e9ac8', '#6a51a3', '#3f007d'];
/** Light grey to dark red, for row norms from 0 to 1 and beyond. */
export const normRange = ['#dcdcdc', '#f4a582', '#d6604d', '#b2182b', '#67001f'];
/** Blue, grey, red, for products of rows from -1 to 1. */
export const overlapRange = ['#2166ac', '#92c5de', '#e4e4e4', '#f4a582', '#b2182b'];
/** One to a feature, in order of rank: Tol's bright palette. */
export const featureColours = ['#ee6677', '#ccbb44', '#aa3377', '#228833', '#4477aa', '#66ccee'];
/** Reddish purple and cyan of Tol's bright palette: rows with norm above 1 and the others. */
export const strongColour = '#aa3377';
export const weakColour = '#66ccee';

/** Okabe-Ito, by feature frequencies, in the order in which the authors list them. */
export const frequencyColours: Readonly<Record<string, string>> = {
  exponential: '#0072b2',
  'power-law': '#d55e00',
  linear: '#009e73',
};
export const frequencyNames: Readonly<Record<string, string>> = {
  exponential: 'exponential decay',
  'power-law': 'power law',
  linear: 'linear decay',
};

export const ink = '#222222';
export const faint = '#6b6b6b';

export const panel = { width: 350, height: 260 };

const font = 'DejaVu Sans, Verdana, Geneva, sans-serif';

/** An opaque white page with a margin, so that a figure reads the same on a dark page and in print. */
export const page: Fragment = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: '#ffffff',
  padding: 14,
};

export const config: Fragment = {
  aria: false,
  font,
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelColor: ink,
    titleColor: ink,
    domainColor: '#444444',
    tickColor: '#444444',
    gridColor: '#e8e8e8',
    labelFlush: false,
  },
  legend: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelColor: ink,
    titleColor: ink,
    titleLimit: 0,
    labelLimit: 0,
    gradientLength: 190,
    gradientThickness: 14,
    gradientStrokeColor: '#444444',
    gradientStrokeWidth: 0.5,
    symbolStrokeWidth: 0.6,
    offset: 14,
    titlePadding: 8,
  },
  view: { stroke: '#444444' },
  title: {
    fontSize: 14,
    subtitleFontSize: 12,
    color: ink,
    subtitleColor: faint,
    anchor: 'start',
    frame: 'bounds',
    offset: 12,
    subtitlePadding: 5,
  },
  concat: { spacing: 28 },
};
