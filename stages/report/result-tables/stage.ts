import { Type } from '@sinclair/typebox';
import { defineStage, file, many } from 'repro';
import { FittedSweep } from '../../toy/artifacts.ts';

const ResultTable = file('result-table', '.csv');
const ParquetTable = file('parquet-table', '.parquet');
const DataPackageFile = file('data-package', '.json');

export const resultTables = defineStage({
  name: 'result-tables',
  code: new URL('./run.ts', import.meta.url),
  summary: 'What was measured on every model, and every fit, as documented tables: the results without the weights.',
  params: Type.Object({ set: Type.String() }),
  inputs: { sweeps: many(FittedSweep) },
  outputs: {
    models: ResultTable,
    exponents: ResultTable,
    fitPoints: ResultTable,
    seedExponents: ResultTable,
    modelsParquet: ParquetTable,
    exponentsParquet: ParquetTable,
    dataPackage: DataPackageFile,
  },
});
