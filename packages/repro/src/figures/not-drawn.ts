/** The page in place of a figure whose data leave nothing to draw: the report goes on, and says why. */
import type { Figure } from './figure.ts';
import { sheet } from './marks.ts';
import { column, faint, text } from './theme.ts';

export function notDrawn(title: string, reason: string): Figure {
  const words = `Not drawn: ${reason}.`;
  const line = {
    data: { values: [{}] },
    mark: { type: 'text', text: words, fontSize: text.small, color: faint, limit: column - 20 },
  };
  return { specification: sheet(title, '', { ...line, width: column - 20, height: 40 }), caption: words };
}
