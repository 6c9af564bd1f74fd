/**
 * How every figure looks: sizes, fonts, greys. Figures are made for print: one user unit is 1/96 inch, and a figure is
 * one or two journal columns wide. All text is then 7 to 8 points.
 */
import type { Fragment } from './figure.ts';

export const ink = '#222222';
export const faint = '#6b6b6b';

/** Widths of a figure, 3.25 and 6.75 inches, in user units. */
export const column = 312;
export const page = 648;

/** Font sizes: 7, 7.5 and 8 points. */
export const text = { small: 9.4, normal: 10, large: 10.7 } as const;

/** The plot of a figure whose size nothing else says. */
export const panel = { width: 190, height: 170 };

/** How much larger than printed an SVG is shown on a screen. */
export const screenScale = 1.6;

const font = 'DejaVu Sans, Verdana, Geneva, sans-serif';

/** An opaque white page with a margin, so that a figure reads the same on a dark page and in print. */
export const sheetOf: Fragment = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: '#ffffff',
  padding: 5,
};

export const config: Fragment = {
  aria: false,
  font,
  mark: { tooltip: { content: 'data' } },
  axis: {
    labelFontSize: text.small,
    titleFontSize: text.normal,
    titleFontWeight: 'normal',
    titlePadding: 5,
    labelPadding: 3,
    tickSize: 4,
    labelColor: ink,
    titleColor: ink,
    domainColor: '#444444',
    tickColor: '#444444',
    gridColor: '#ececec',
    labelFlush: false,
  },
  legend: {
    labelFontSize: text.small,
    titleFontSize: text.small,
    titleFontWeight: 'normal',
    labelColor: ink,
    titleColor: ink,
    titleLimit: 0,
    labelLimit: 0,
    gradientLength: 110,
    gradientThickness: 9,
    gradientStrokeColor: '#444444',
    gradientStrokeWidth: 0.4,
    symbolStrokeWidth: 0.5,
    offset: 8,
    titlePadding: 4,
    rowPadding: 1,
    columnPadding: 8,
  },
  header: { labelFontSize: text.small, titleFontSize: text.small },
  view: { stroke: '#444444' },
  title: {
    fontSize: text.large,
    subtitleFontSize: text.small,
    color: ink,
    subtitleColor: faint,
    anchor: 'start',
    frame: 'bounds',
    offset: 8,
    subtitlePadding: 3,
  },
  concat: { spacing: 14 },
};
