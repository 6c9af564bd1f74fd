import { NotRun, readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { fitTokens } from './fit.ts';
import type { fitTokens as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs }) => {
  if (inputs.frequencies.length === 0) throw new NotRun('none of the token frequencies could be had');
  const rows = inputs.frequencies.map((one) => fitTokens(readJson(one)));
  const found = new Set(rows.map(({ tokenizer, dataset }) => `${tokenizer} on ${dataset}`));
  writeJson(outputs.tokens, { rows, missing: params.wanted.filter((one) => !found.has(one)) });
};
