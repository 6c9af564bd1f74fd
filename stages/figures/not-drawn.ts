/** The page that stands for a figure whose parameter set leaves nothing to draw: the report goes on, and says why. */
import { NothingToDraw } from './figure-data.ts';
import type { Figure, FigureData } from './figure-data.ts';
import { sheet } from './marks.ts';
import { faint, panel } from './theme.ts';

/** Errors other than NothingToDraw are passed on. */
export function drawOrSayWhyNot(draw: (data: FigureData) => Figure, data: FigureData): Figure {
  try {
    return draw(data);
  } catch (error) {
    if (!(error instanceof NothingToDraw)) throw error;
    const words = `Not drawn: ${error.message}.`;
    const line = {
      data: { values: [{}] },
      mark: { type: 'text', text: words, fontSize: 12, color: faint, limit: panel.width + 150 },
    };
    return { specification: sheet(data.title, '', { ...line, width: panel.width + 150, height: 60 }), caption: words };
  }
}
