import { writeFileSync } from 'node:fs';
import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { FigureData } from './figure-data.ts';
import { drawOrSayWhyNot } from './not-drawn.ts';
import { figures } from './figures/index.ts';
import { renderPng, renderSvg } from './render.ts';
import { specificationJson } from './specification-json.ts';
import type { renderFigures } from './stage.ts';

export const run: StageRun<typeof renderFigures> = async ({ params: { figure }, inputs, outputs }) => {
  const data = new FigureData(figure, {
    sweeps: inputs.sweeps.map((sweep) => readJson(sweep)),
    models: inputs.models.map((model) => readJson(model)),
    random: inputs.random && readJson(inputs.random),
    frame: inputs.frame && readJson(inputs.frame),
    language: {
      sizes: inputs.sizes.map((one) => readJson(one))[0],
      heads: inputs.heads.map((one) => readJson(one))[0],
      head: inputs.head.map((one) => readJson(one))[0],
      losses: [...inputs.losses, ...inputs.besideLosses].map((one) => readJson(one))[0],
      tokens: inputs.tokens.map((one) => readJson(one))[0],
    },
  });
  const { specification, caption } = drawOrSayWhyNot(figures[figure], data);
  const { svg } = await renderSvg(specification);
  writeFileSync(outputs.specification.path, specificationJson(specification));
  writeFileSync(outputs.svg.path, svg);
  writeFileSync(outputs.png.path, renderPng(svg));
  writeJson(outputs.caption, { figure, title: data.title, caption });
};
