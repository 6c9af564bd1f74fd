import type { FigureCaption, ValueOf } from 'repro';
import { sections } from '../../figures/sections.ts';
import type { ReportContent } from '../report-content.ts';

/** What holds of all of them, so that no caption repeats it. */
const figuresNote = (set: string): string =>
  `All are of the set \`${set}\`; n, m and the steps of training stand above each drawing. ` +
  'A point is one model, that of the first seed, and a line, R² or exponent αₘ is of ln L averaged over the seeds of its cell, unless a caption says otherwise; medians and ranges in captions are over the models drawn, while claims take the mean over the seeds of each cell. ' +
  'Losses are squared errors summed over the features and averaged over held-out samples; losses of language models are in nats per token. Nothing else has a unit.';

/** The figures drawn, by section: those that the paper has in its order, then others. */
export function figuresSection({ set, captions }: Pick<ReportContent, 'set' | 'captions'>): string[] {
  const present = captions.map(({ section }) => section);
  const drawn = [...new Set([...sections, ...present])]
    .map((heading) => ({ heading, shown: captions.filter(({ section }) => section === heading) }))
    .filter(({ shown }) => shown.length);
  if (!drawn.length) return [];
  return [
    '## Figures',
    figuresNote(set),
    ...drawn.flatMap(({ heading, shown }) => [`### ${heading}`, ...shown.flatMap(oneFigure)]),
  ];
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
