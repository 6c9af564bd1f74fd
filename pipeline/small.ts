/** Figs. 3 to 6 and 11 to 16: the small sweep, over every data exponent alpha, weight decay gamma and dimension m. */
import { Type } from '@sinclair/typebox';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Sweep, strict } from './parameter-types.ts';
import type { Parameters } from './parameters.ts';
import { powerLawSweep } from './toy-model.ts';
import type { TrainModel } from './toy-model.ts';

export const SmallParameters = Type.Object(
  {
    ...Sweep,
    unitRows: Type.Boolean({ description: 'Train each cell once more with rows projected to unit norm' }),
  },
  strict,
);

export function smallExperiments(params: Parameters, trainModel: TrainModel): Experiment[] {
  const { small, replicates } = params;
  const seeds = ({ gamma }: { readonly gamma: number }): number =>
    selectsRow(replicates.small.gamma, gamma) ? replicates.small.count : 1;
  const whole = experiment('small', () => powerLawSweep(trainModel, small, { seeds }));
  if (!small.unitRows) return [whole];
  // Beyond the paper: does it matter that rows may grow, or only that they do not shrink?
  const held = { ...small, gamma: [-1] };
  return [whole, experiment('unit-norm', () => powerLawSweep(trainModel, held, { projection: 'unit-rows' }))];
}

/** Whether a gamma written with three digits means this one. */
export function selectsRow(written: readonly number[], gamma: number): boolean {
  return written.some((value) => Math.abs(value - gamma) < 0.005);
}
