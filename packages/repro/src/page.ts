/**
 * A report as one page of HTML, for the code of stages: static first, so that it can be read and printed without
 * scripts, and self-contained, so that it opens from a disk. The stage that makes one of claims and figures alone is
 * `page` in `repro`.
 */
export { dataBlock, Html, html, inlineText } from './page/html.ts';
export { renderPage } from './page/render.ts';
export type { Download, PageContent, PageFigure, PageSection } from './page/render.ts';
