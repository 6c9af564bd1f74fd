/** Vega-Lite to SVG and PNG without a browser, with the same bytes everywhere. */
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { compile } from 'vega-lite';
import { canonicalSvg } from './canonical-svg.ts';
import { fontFiles, textWidth } from './font-metrics.ts';
import type { Fragment } from './theme.ts';

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  readonly limit?: number;
}

// Exported by vega, but not in its type declarations.
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: TextItem, text: string | number | null | undefined) => number };
};
textMetrics.width = (item, text) => {
  if (text === null || text === undefined) return 0;
  const bold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
  const width = textWidth(String(text).trim(), item.fontSize ?? 11, bold);
  return item.limit ? Math.min(width, item.limit) : width;
};

export interface RenderedSvg {
  readonly svg: string;
  /** What Vega-Lite and Vega had to say about the specification; empty for a sound one. */
  readonly warnings: readonly string[];
}

/** Throws where the specification does not compile. */
export async function renderSvg(specification: Fragment): Promise<RenderedSvg> {
  const warnings: string[] = [];
  const log = recorder(warnings);
  const { spec } = compile(specification as unknown as TopLevelSpec, { logger: log });
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: log });
  try {
    return { svg: canonicalSvg(await view.toSVG()) + '\n', warnings };
  } finally {
    view.finalize();
  }
}

/** Twice the size of the SVG, in the package's own fonts. */
export function renderPng(svg: string): Uint8Array {
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontFiles: [fontFiles.regular, fontFiles.bold], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  return image.render().asPng();
}

function recorder(warnings: string[]): vega.LoggerInterface {
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
