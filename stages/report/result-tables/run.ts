import { writeFileSync } from 'node:fs';
import { readJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { csv } from './csv.ts';
import { dataPackage } from './data-package.ts';
import { parquet } from './parquet.ts';
import type { resultTables } from './stage.ts';
import { exponents, fitPoints, models, rowsOf, seedExponents, tables } from './tables.ts';

export const run: StageRun<typeof resultTables> = async ({ params, inputs, outputs }) => {
  const sweeps = inputs.sweeps.map((sweep) => readJson(sweep));
  const files = { models, exponents, fitPoints, seedExponents };
  for (const [output, table] of Object.entries(files))
    writeFileSync(outputs[output as keyof typeof files].path, csv(table.columns, rowsOf(table, sweeps)));
  writeFileSync(outputs.modelsParquet.path, parquet(models.columns, rowsOf(models, sweeps)));
  writeFileSync(outputs.exponentsParquet.path, parquet(exponents.columns, rowsOf(exponents, sweeps)));
  writeFileSync(outputs.dataPackage.path, `${JSON.stringify(dataPackage(params.set, tables), null, 2)}\n`);
};
