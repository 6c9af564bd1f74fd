import { NotRun, readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { streamFor } from '../../toy/stream.ts';
import { fitLosses } from './fit.ts';
import type { fitLosses as stage } from './stage.ts';

/** How many of the losses that are not to be had a message names. */
const mostNamed = 3;

export const run: StageRun<typeof stage> = async ({ params: { models, dataSets, draws, seed }, inputs, outputs }) => {
  const known = new Map(models.map((one) => [one.model, one]));
  const points = inputs.losses.map((input) => {
    const { model, dataset, loss, texts, tokens } = readJson(input);
    const found = known.get(model);
    if (!found) throw new Error(`${input.node}: a loss of ${model}: expected one of ${[...known.keys()].join(', ')}`);
    return { model, family: found.family, m: found.m, dataset, loss, texts, tokens };
  });
  if (points.length === 0) throw new NotRun('none of the losses could be had');
  const absent = models.flatMap(({ model }) =>
    dataSets
      .filter((dataset) => !points.some((point) => point.model === model && point.dataset === dataset))
      .map((dataset) => `${model} on ${dataset}`),
  );
  const widths = new Map<string, Set<number>>();
  for (const { family, dataset, m } of points) {
    const group = `${family}, ${dataset}`;
    widths.set(group, (widths.get(group) ?? new Set()).add(m));
  }
  if (![...widths.values()].some((group) => group.size > 1)) {
    const more = absent.length - mostNamed;
    const named = absent.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
    throw new NotRun(`no family has losses at two widths on one data set; not to be had: ${named}`);
  }
  const fits = fitLosses(points, draws, streamFor({ purpose: 'fit-losses', seed }));
  writeJson(outputs.losses, { ...fits, missing: absent });
};
