import { Type } from '@sinclair/typebox';
import { available, defineStage } from 'repro';
import { HeadFits, HeadMeasurement } from '../artifacts.ts';

export const fitHeads = defineStage({
  name: 'fit-heads',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Collects the heads of all language models and fits how overlaps, norms and Eq. 14 go with their width.',
  params: Type.Object({
    /** Models whose heads are wanted: those that could not be had are named in the result. */
    models: Type.Array(Type.String()),
  }),
  inputs: { heads: available(HeadMeasurement) },
  outputs: { heads: HeadFits },
});
