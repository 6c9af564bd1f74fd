/** Beyond the paper: m up to n, where there is nothing left to superpose and the power law must end. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Sweep, strict } from './parameter-types.ts';
import { powerLawSweep } from './toy-model.ts';
import type { TrainModel } from './toy-model.ts';

export const BreakdownParameters = Type.Object(Sweep, strict);

export function breakdownExperiment(breakdown: Static<typeof BreakdownParameters>, trainModel: TrainModel): Experiment {
  return experiment('breakdown', () => powerLawSweep(trainModel, breakdown));
}
