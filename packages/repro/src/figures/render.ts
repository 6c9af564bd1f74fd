/**
 * Vega-Lite to SVG and PNG without a browser, with the same bytes everywhere. The libraries are loaded when something
 * is drawn: a pipeline that only declares its figures does not wait for them.
 */
import type { LoggerInterface, View } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { canonicalSvg } from './canonical-svg.ts';
import type { Fragment } from './figure.ts';
import { fontFiles, textWidth } from './font-metrics.ts';
import { screenScale } from './theme.ts';

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  readonly limit?: number;
}

type Text = string | number | null | undefined;

/** Vega, with the widths of text taken from the font. */
async function loadVega() {
  const vega = await import('vega');
  // Exported by vega, but not in its type declarations.
  const { textMetrics } = vega as unknown as { textMetrics: { width: (item: TextItem, text: Text) => number } };
  textMetrics.width = widthOf;
  return vega;
}

function widthOf(item: TextItem, text: Text): number {
  if (text === null || text === undefined) return 0;
  const bold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
  const width = textWidth(String(text).trim(), item.fontSize ?? 11, bold);
  return item.limit ? Math.min(width, item.limit) : width;
}

export interface RenderedSvg {
  readonly svg: string;
  /** Warnings and errors of Vega-Lite and Vega about the specification; empty for a sound one. */
  readonly warnings: readonly string[];
}

/** What a reader hears who does not see the figure. */
export interface SvgText {
  readonly title: string;
  readonly description: string;
}

/** Throws where the specification does not compile. */
export async function renderSvg(specification: Fragment, text?: SvgText): Promise<RenderedSvg> {
  return withView(specification, async (view, warnings) => {
    const svg = canonicalSvg(await view.toSVG(screenScale)) + '\n';
    return { svg: text ? labelled(svg, text) : svg, warnings };
  });
}

/** A view of the specification, laid out with the widths of the font, for as long as it is used. */
export async function withView<T>(
  specification: Fragment,
  use: (view: View, warnings: readonly string[]) => Promise<T>,
): Promise<T> {
  const [vega, { compile }] = await Promise.all([loadVega(), import('vega-lite')]);
  const warnings: string[] = [];
  const log = recorder(warnings);
  const { spec } = compile(specification as unknown as TopLevelSpec, { logger: log });
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: log });
  try {
    return await use(view, warnings);
  } finally {
    view.finalize();
  }
}

/** As an image with a name and a description, for screen readers. */
function labelled(svg: string, { title, description }: SvgText): string {
  const escaped = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const named = svg.replace('<svg ', '<svg role="img" ');
  const end = named.indexOf('>') + 1;
  return `${named.slice(0, end)}<title>${escaped(title)}</title><desc>${escaped(description)}</desc>${named.slice(end)}`;
}

/** Twice the size of the SVG, in the package's own fonts. */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontFiles: [fontFiles.regular, fontFiles.bold], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  return image.render().asPng();
}

function recorder(warnings: string[]): LoggerInterface {
  const logger = {
    level: () => logger,
    error: (...parts: readonly unknown[]) => record(parts),
    warn: (...parts: readonly unknown[]) => record(parts),
    info: () => logger,
    debug: () => logger,
  };
  const record = (parts: readonly unknown[]): typeof logger => {
    warnings.push(parts.map(String).join(' '));
    return logger;
  };
  return logger;
}
