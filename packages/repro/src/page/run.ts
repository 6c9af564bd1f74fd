import { readFileSync, writeFileSync } from 'node:fs';
import type { StageRun } from '../graph/context.ts';
import { readJson } from '../runtime.ts';
import { inlineText } from './html.ts';
import { renderPage } from './render.ts';
import type { page } from './stage.ts';

export const run: StageRun<typeof page> = async ({ params, inputs, outputs }) => {
  const { set, title, text, decides, reasons = {}, picture, files = {} } = params;
  const figures = inputs.captions.map((caption, i) => ({
    ...readJson(caption),
    svg: readFileSync(inputs.drawings[i]!.path, 'utf8'),
  }));
  const html = renderPage({
    set,
    title,
    lead: text.map(inlineText),
    results: inputs.claims ? readJson(inputs.claims) : [],
    decides,
    reasons,
    alternatives: [],
    figuresOf: ({ source }) =>
      figures.map(({ figure }) => figure).filter((figure) => source.split(/\W+/).includes(figure)),
    figures,
    picture,
    sections: [],
    notes: [],
    downloads: Object.entries(files).map(([path, about]) => ({ path, title: about })),
  });
  writeFileSync(outputs.page.path, html);
};
