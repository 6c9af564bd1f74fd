import { Type } from '@sinclair/typebox';
import { defineStage, file, many } from 'repro';
import { FittedSweep } from '../../toy/artifacts.ts';

export const ModelTable = file('model-table', '.csv');
export const ExponentTable = file('exponent-table', '.csv');

export const resultTables = defineStage({
  name: 'result-tables',
  code: new URL('./run.ts', import.meta.url),
  summary: 'What was measured on every model, and every fit, as tables: the results without the weights.',
  params: Type.Object({}),
  inputs: { sweeps: many(FittedSweep) },
  outputs: { models: ModelTable, exponents: ExponentTable },
});
