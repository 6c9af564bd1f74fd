/** Figs. 7 and 18: activation densities E from 1 to where the most frequent feature is always active. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { featureFrequencies } from '../numerics/features/frequencies.ts';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Sweep, gridValues, largest, strict } from './parameter-types.ts';
import { powerLawSweep } from './toy-model.ts';
import type { TrainModel } from './toy-model.ts';

export const DensityParameters = Type.Object(
  {
    ...Sweep,
    density: Type.Union(
      [
        Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, maxItems: largest.values }),
        Type.Object({ levels: Type.Integer({ minimum: 2, maximum: largest.values }) }, strict),
      ],
      {
        description:
          'Activation densities, or how many from 1 to the largest, at which the most frequent feature is always active',
      },
    ),
  },
  strict,
);
type DensityParameters = Static<typeof DensityParameters>;

export function densityExperiment(density: DensityParameters, trainModel: TrainModel): Experiment {
  return experiment('density', () =>
    gridValues(density.alpha).flatMap((alpha) =>
      densitiesOf(density, alpha).flatMap((level) =>
        powerLawSweep(trainModel, { ...density, alpha: [alpha] }, { density: level }),
      ),
    ),
  );
}

/** The activation densities of the sweep: as listed, or evenly from 1 to where p_1 = 1. */
export function densitiesOf({ density, n }: DensityParameters, alpha: number): number[] {
  if (Array.isArray(density)) return gridValues(density);
  const frequency = featureFrequencies({ frequencies: 'power-law', alpha, n, density: 1 });
  return gridValues({ from: 1, to: 1 / frequency[0]!, count: density.levels });
}
