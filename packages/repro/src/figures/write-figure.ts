/** Draws a figure and writes its files: what the stage of a figure runs. */
import { writeFileSync } from 'node:fs';
import { writeJson } from '../runtime.ts';
import type { OutputFile } from '../runtime.ts';
import type { figureOutputs } from './artifacts.ts';
import { NothingToDraw } from './figure.ts';
import type { Figure, FigureDefinition } from './figure.ts';
import { nameFields } from './name-fields.ts';
import { notDrawn } from './not-drawn.ts';
import { renderPng, renderSvg } from './render.ts';
import { specificationJson } from './specification-json.ts';

type Outputs = { readonly [K in keyof typeof figureOutputs]: OutputFile<(typeof figureOutputs)[K]> };

/** Specification, SVG, PNG and caption. Where there is nothing to draw, these say why. Throws any other error of `draw`. */
export async function writeFigure<Data>(
  figure: FigureDefinition<unknown, Data>,
  data: Data,
  outputs: Outputs,
): Promise<void> {
  const { id, title, section } = figure;
  const drawn = drawOrSayWhyNot(figure, data);
  const { caption } = drawn;
  const specification = nameFields(drawn.specification);
  const { svg } = await renderSvg(specification, { title, description: caption });
  writeFileSync(outputs.specification.path, specificationJson({ ...specification, description: caption }));
  writeFileSync(outputs.svg.path, svg);
  writeFileSync(outputs.png.path, await renderPng(svg));
  writeJson(outputs.caption, { figure: id, title, section, caption });
}

/** The figure, or a page that says why there is none. Throws any error but NothingToDraw. */
export function drawOrSayWhyNot<Data>(figure: FigureDefinition<unknown, Data>, data: Data): Figure {
  try {
    return figure.draw(data);
  } catch (error) {
    if (error instanceof NothingToDraw) return notDrawn(figure.title, error.message);
    throw error;
  }
}
