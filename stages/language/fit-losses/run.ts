import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { streamFor } from '../../toy/stream.ts';
import { fitLosses } from './fit.ts';
import type { fitLosses as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params: { models, draws, seed }, inputs, outputs }) => {
  const known = new Map(models.map((one) => [one.model, one]));
  const points = inputs.losses.map((input) => {
    const { model, dataset, loss, texts, tokens } = readJson(input);
    const found = known.get(model);
    if (!found) throw new Error(`${input.node}: a loss of ${model}: expected one of ${[...known.keys()].join(', ')}`);
    return { model, family: found.family, m: found.m, dataset, loss, texts, tokens };
  });
  writeJson(outputs.losses, fitLosses(points, draws, streamFor({ purpose: 'fit-losses', seed })));
};
