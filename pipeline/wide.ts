/** Fig. 17: models so wide that m^2/2 > n, so that every feature could have a row of an equiangular tight frame. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Sweep, strict } from './parameter-types.ts';
import { powerLawSweep } from './toy-model.ts';
import type { TrainModel } from './toy-model.ts';

export const WideParameters = Type.Object(Sweep, strict);

export function wideExperiment(wide: Static<typeof WideParameters>, trainModel: TrainModel): Experiment {
  return experiment('wide', () => powerLawSweep(trainModel, wide));
}
