/**
 * Figures as values: Vega-Lite specifications, drawn to SVG and PNG with the same bytes on every machine.
 * For the code of stages; the types of a figure's files (`figureOutputs`) are in `repro`.
 */
export { defineFigure, NothingToDraw, some } from './figures/figure.ts';
export type { Figure, FigureDefinition, Fragment } from './figures/figure.ts';
export { drawOrSayWhyNot, writeFigure } from './figures/write-figure.ts';
export { renderPng, renderSvg } from './figures/render.ts';
export { specificationJson } from './figures/specification-json.ts';
export { decadeTicks, linearAxis, linearDomain, logAxis, logDomain } from './figures/axes.ts';
export type { Interval } from './figures/axes.ts';
export {
  errorBars,
  hollow,
  inline,
  labels,
  lines,
  panelTitle,
  plot,
  points,
  sheet,
  slopeTriangle,
  theory,
} from './figures/marks.ts';
export type { Label, Point } from './figures/marks.ts';
export { compact, compactRow, distinct, mean, median, mediansBy, rowsOf } from './figures/rows.ts';
export type { Row } from './figures/rows.ts';
export { fixed, signed, span } from './figures/numbers.ts';
export { column, faint, ink, page, panel, text } from './figures/theme.ts';
