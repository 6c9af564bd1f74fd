/** App. B.1: a larger batch, or a longer training, should not change the final loss. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Factor, Seeds, Sweep, optionalExperiment, strict } from './parameter-types.ts';
import { powerLawSweep } from './toy-model.ts';
import type { TrainModel } from './toy-model.ts';

export const InsensitivityParameters = Type.Object(
  {
    ...Sweep,
    longer: Factor(),
    larger: Factor('Factors on steps and on batch'),
    seeds: Type.Optional(Seeds),
    large: optionalExperiment(Type.Object(Sweep, { ...strict, description: 'The same of large models' })),
  },
  strict,
);

export function insensitivityExperiment(
  insensitivity: Static<typeof InsensitivityParameters>,
  trainModel: TrainModel,
): Experiment {
  const { larger, longer, seeds = 1 } = insensitivity;
  const sweeps = [insensitivity, ...(insensitivity.large ? [insensitivity.large] : [])];
  const models = () =>
    sweeps.flatMap((sweep) => {
      const { training } = sweep;
      const settings = [
        training,
        { ...training, batch: training.batch * larger },
        { ...training, steps: training.steps * longer },
      ];
      return settings.flatMap((changed) =>
        powerLawSweep(trainModel, { ...sweep, training: changed }, { seeds: () => seeds }),
      );
    });
  return experiment('insensitivity', models);
}
