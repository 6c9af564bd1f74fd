import { readFileSync, writeFileSync } from 'node:fs';
import type { StageRun } from '../graph/context.ts';
import { readJson } from '../runtime.ts';
import { inlineText } from './html.ts';
import { renderPage } from './render.ts';
import type { PageFigure } from './render.ts';
import type { page } from './stage.ts';

export const run: StageRun<typeof page> = async ({ params, inputs, outputs }) => {
  const { set, title, text, decides, reasons = {}, picture, images = [], files = {} } = params;
  const drawn = inputs.captions.map((caption, i) => ({
    ...readJson(caption),
    svg: readFileSync(inputs.drawings[i]!.path, 'utf8'),
  }));
  const made = images.flatMap(({ figure, title, extension }, i) => {
    const image = (inputs as Readonly<Record<string, unknown>>)[`image-${i}`] as { readonly path: string } | undefined;
    if (!image || mediaTypes[extension] === undefined) return [];
    const uri = `data:${mediaTypes[extension]};base64,${readFileSync(image.path).toString('base64')}`;
    return [{ figure, title, section: 'Figures', caption: '', svg: '', image: { uri, extension } }];
  });
  const figures: PageFigure[] = [...drawn, ...made];
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

/** What a page can show. Another image, such as a PDF, is among its files. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
};
