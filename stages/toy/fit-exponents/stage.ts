import { Type } from '@sinclair/typebox';
import { defineStage, many } from 'repro';
import { FittedSweep, ModelMeasurement } from '../artifacts.ts';
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
    /** Which loss of each model is fitted, drawn and judged. */
    readings: Readings,
  }),
  inputs: { measurements: many(ModelMeasurement) },
  outputs: { sweep: FittedSweep },
});
