import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { fitHeads } from './fit.ts';
import type { fitHeads as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ inputs, outputs }) => {
  writeJson(outputs.heads, fitHeads(inputs.heads.map((head) => readJson(head).summary)));
};
