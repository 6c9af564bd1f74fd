import { NotRun, readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { fitHeads } from './fit.ts';
import type { fitHeads as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs }) => {
  if (inputs.heads.length === 0) throw new NotRun('none of the heads could be had');
  const fits = fitHeads(inputs.heads.map((head) => readJson(head).summary));
  const found = new Set(fits.heads.map(({ model }) => model));
  writeJson(outputs.heads, { ...fits, missing: params.models.filter((model) => !found.has(model)) });
};
