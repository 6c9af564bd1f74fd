/** How every figure looks: sizes, fonts, greys. */
import type { Fragment } from './figure.ts';

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
