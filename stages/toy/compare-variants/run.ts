import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { compareModels } from './compare.ts';
import type { compareVariants } from './stage.ts';

export const run: StageRun<typeof compareVariants> = async ({ params, inputs, outputs }) => {
  const [text, scripts] = [inputs.text, inputs.scripts].map((models) => models.map((model) => readJson(model).summary));
  writeJson(outputs.comparison, compareModels(params.difference, text!, scripts!));
};
