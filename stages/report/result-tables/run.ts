import { writeFileSync } from 'node:fs';
import { readJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import type { resultTables } from './stage.ts';
import { exponentTable, modelTable } from './tables.ts';

export const run: StageRun<typeof resultTables> = async ({ inputs, outputs }) => {
  const sweeps = inputs.sweeps.map((sweep) => readJson(sweep));
  writeFileSync(outputs.models.path, modelTable(sweeps));
  writeFileSync(outputs.exponents.path, exponentTable(sweeps));
};
