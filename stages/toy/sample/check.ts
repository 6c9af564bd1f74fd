import type { Static } from '@sinclair/typebox';
import { InputError } from 'repro';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import type { FrequencyLaw } from '../../../numerics/features/frequencies.ts';
import type { SampleParams } from './stage.ts';

/** The part of the parameters of `sample` that makes the distribution; the rest makes the held-out samples. */
export function frequencyLaw({
  frequencies,
  n,
  alpha,
  scale,
  firstIndex,
  density,
}: Static<typeof SampleParams>): FrequencyLaw {
  return { frequencies, n, alpha, scale, firstIndex, density };
}

/** Refuses, while planning, parameters with which no distribution exists (p_1 > 1, an exponent missing). Throws an InputError. */
export function checkFrequencies(params: Static<typeof SampleParams>): void {
  try {
    featureFrequencies(frequencyLaw(params));
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(`sample: ${error.message}`);
    throw error;
  }
}
