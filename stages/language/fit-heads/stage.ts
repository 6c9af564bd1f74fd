import { Type } from '@sinclair/typebox';
import { defineStage, many } from 'repro';
import { HeadFits, HeadMeasurement } from '../artifacts.ts';

export const fitHeads = defineStage({
  name: 'fit-heads',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Collects the heads of all language models and fits how overlaps, norms and Eq. 14 go with their width.',
  params: Type.Object({}),
  inputs: { heads: many(HeadMeasurement) },
  outputs: { heads: HeadFits },
});
