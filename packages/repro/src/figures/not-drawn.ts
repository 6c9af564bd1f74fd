/** The page in place of a figure whose data leave nothing to draw: the report goes on, and says why. */
import type { Figure } from './figure.ts';
import { sheet } from './marks.ts';
import { faint, panel } from './theme.ts';

export function notDrawn(title: string, reason: string): Figure {
  const words = `Not drawn: ${reason}.`;
  const width = panel.width + 150;
  const line = {
    data: { values: [{}] },
    mark: { type: 'text', text: words, fontSize: 12, color: faint, limit: width },
  };
  return { specification: sheet(title, '', { ...line, width, height: 60 }), caption: words };
}
