/** Figs. 1, 4a, 9 and 10: large models, three kinds of frequencies, strong and weak superposition. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { FitRange } from '../stages/toy/fit-exponents/fit-range.ts';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { Features, Frequencies, Grid, Training, Widths, gridValues, strict } from './parameter-types.ts';
import type { Parameters } from './parameters.ts';
import { range } from './toy-model.ts';
import type { MeasuredModel, TrainModel } from './toy-model.ts';

export const LargeParameters = Type.Object(
  {
    n: Features,
    m: Widths,
    distributions: Type.Array(Frequencies, { minItems: 1 }),
    gamma: Grid,
    training: Training,
    fitted: Type.Array(FitRange, {
      description: 'Curves that are fitted from some m on (App. D.1); the others are fitted to all their points',
    }),
  },
  strict,
);
export type LargeParameters = Static<typeof LargeParameters>;

/** Strong models up to a width are trained with several seeds. */
export function largeExperiment(
  large: LargeParameters,
  replicates: Parameters['replicates'],
  trainModel: TrainModel,
): Experiment {
  const { maximumM, count } = replicates.large;
  const seeds = ({ gamma, m }: { readonly gamma: number; readonly m: number }): number =>
    gamma < 0 && m <= maximumM ? count : 1;
  return experiment('large', () => largeModels(large, trainModel, seeds), large.fitted);
}

/** All frequency laws, weight decays and dimensions, each cell with as many seeds as `seeds` says. */
export function largeModels(
  { n, m: widths, distributions, gamma: gammas, training }: LargeParameters,
  trainModel: TrainModel,
  seeds: (cell: { readonly gamma: number; readonly m: number }) => number,
): MeasuredModel[] {
  return distributions.flatMap((frequencies) =>
    gridValues(gammas).flatMap((gamma) =>
      widths.flatMap((m) =>
        range(seeds({ gamma, m })).map((replicate) =>
          trainModel({ law: { ...frequencies, n, density: 1 }, m, gamma, training, replicate }),
        ),
      ),
    ),
  );
}
