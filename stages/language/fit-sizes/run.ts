import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { streamFor } from '../../toy/stream.ts';
import { fitSizes } from './fit.ts';
import type { fitSizes as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params: { draws, seed }, inputs, outputs }) => {
  const keys = {
    families: streamFor({ purpose: 'fit-sizes families', seed }),
    chinchilla: streamFor({ purpose: 'fit-sizes chinchilla', seed }),
  };
  writeJson(outputs.sizes, fitSizes(readJson(inputs.languageModels), readJson(inputs.chinchilla), draws, keys));
};
