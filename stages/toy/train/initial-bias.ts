import { Type } from '@sinclair/typebox';

/**
 * The distribution of the biases before training, b_i ~ N(mean, standardDeviation^2): the paper's is mean 0 and standard
 * deviation 1. With a standard deviation of 0 all biases begin at the mean. Models that differ in nothing else begin
 * with the same W and see the same samples (numerics/random/model-stream.ts).
 */
export const InitialBias = Type.Object(
  {
    mean: Type.Number({ description: 'mean' }),
    standardDeviation: Type.Number({ minimum: 0, description: 'standard deviation' }),
  },
  {
    additionalProperties: false,
    description:
      'Biases before training, b ~ N(mean, standardDeviation^2): the paper has mean 0 and standard deviation 1; a standard deviation of 0 makes all biases equal to the mean',
  },
);
