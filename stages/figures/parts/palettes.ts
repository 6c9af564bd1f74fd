/** Colours by role. All palettes are safe for the common colour blindnesses. */

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
