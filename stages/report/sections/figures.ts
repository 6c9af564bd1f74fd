import type { FigureCaption, ValueOf } from 'repro';
import { sections } from '../../figures/sections.ts';

/** The figures drawn, by section: those that the paper has in its order, then others. */
export function figuresSection(captions: readonly ValueOf<typeof FigureCaption>[]): string[] {
  const present = captions.map(({ section }) => section);
  const drawn = [...new Set([...sections, ...present])]
    .map((heading) => ({ heading, shown: captions.filter(({ section }) => section === heading) }))
    .filter(({ shown }) => shown.length);
  if (!drawn.length) return [];
  return ['## Figures', ...drawn.flatMap(({ heading, shown }) => [`### ${heading}`, ...shown.flatMap(oneFigure)])];
}

/** The id of a figure's place in the page. */
export const figureAnchor = (figure: string): string => `figure-${figure}`;

function oneFigure({ figure, title, caption }: ValueOf<typeof FigureCaption>): string[] {
  // The paper has no number for what goes beyond it.
  const number = /^\d/.test(figure) ? `Figure ${figure}` : undefined;
  return [
    `<a id="${figureAnchor(figure)}"></a>![${number ? `${number}: ` : ''}${title}](figures/${figure}.svg)`,
    `**${number ? `${number}. ` : ''}${title}.** ${caption}`,
  ];
}
