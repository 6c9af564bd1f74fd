import { Type } from '@sinclair/typebox';
import { defineStage, many } from 'repro';
import { ModelMeasurement, VariantComparison } from '../artifacts.ts';
import { differenceIds } from './differences.ts';
import type { DifferenceId } from './differences.ts';

export const compareVariants = defineStage({
  name: 'compare-variants',
  code: new URL('./run.ts', import.meta.url),
  summary: "Sets models made by the paper's text beside the same models made by its authors' scripts.",
  labels: ['difference'],
  params: Type.Object({ difference: Type.Unsafe<DifferenceId>(Type.String({ enum: [...differenceIds] })) }),
  inputs: {
    /** The same cells in both, in any order. */
    text: many(ModelMeasurement),
    scripts: many(ModelMeasurement),
  },
  outputs: { comparison: VariantComparison },
});
