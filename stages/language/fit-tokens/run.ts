import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { fitTokens } from './fit.ts';
import type { fitTokens as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ inputs, outputs }) => {
  writeJson(outputs.tokens, { rows: inputs.frequencies.map((one) => fitTokens(readJson(one))) });
};
