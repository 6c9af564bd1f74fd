import { Type } from '@sinclair/typebox';
import { available, defineStage } from 'repro';
import { FittedSweep, ModelCell, ModelMeasurement } from '../artifacts.ts';
import { Readings } from '../readings.ts';
import { FitRange } from './fit-range.ts';

export const fitExponents = defineStage({
  name: 'fit-exponents',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Collects the models of one experiment and fits the exponent of loss against model dimension in each cell.',
  params: Type.Object({
    /** The experiment's name in the parameters: `small`, `density`, ... */
    experiment: Type.String({ minLength: 1 }),
    /** Groups that no entry names are fitted to all their points. */
    ranges: Type.Array(FitRange, { default: [] }),
    /** All models of the experiment: what is not among the measurements is missing. */
    cells: Type.Array(ModelCell),
    /** Which loss of each model is fitted, drawn and judged. */
    readings: Readings,
  }),
  inputs: { measurements: available(ModelMeasurement) },
  outputs: { sweep: FittedSweep },
});
