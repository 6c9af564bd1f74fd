/**
 * Beyond the paper: what rests on the biases drawn before training. The paper draws b ~ N(0, 1); the toy model that it
 * builds on (Elhage et al. 2022) starts at b = 0. The same models once more, with other biases and nothing else
 * changed: W begins with the same numbers and the samples are the same.
 */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { Handle } from 'repro';
import type { FirstSteps } from '../stages/toy/first-steps/artifact.ts';
import { firstSteps } from '../stages/toy/first-steps/stage.ts';
import { InitialBias } from '../stages/toy/train/initial-bias.ts';
import { experiment } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { largeModels } from './large.ts';
import { Factor, Grid, Seeds, Widths, optionalExperiment, strict } from './parameter-types.ts';
import type { Training } from './parameter-types.ts';
import type { Parameters } from './parameters.ts';
import { selectsRow } from './small.ts';
import { powerLawSweep } from './toy-model.ts';
import type { TrainModel } from './toy-model.ts';

export const InitialBiasParameters = Type.Object(
  {
    rows: Type.Object(
      {
        gamma: Type.Array(Type.Number()),
        alpha: Type.Optional(Type.Array(Type.Number(), { minItems: 1 })),
        m: Type.Optional(Widths),
        seeds: Seeds,
      },
      {
        ...strict,
        description:
          'Rows of the small sweep, by gamma, that are trained again with b = 0, at all or some alphas and m',
      },
    ),
    alpha: Type.Array(Type.Number(), {
      description: 'Data exponents at which every gamma of the small sweep is trained again with b = 0',
    }),
    large: optionalExperiment(
      Type.Object(
        { m: Widths, seeds: Seeds },
        { ...strict, description: 'Strong large models that are trained again with b = 0' },
      ),
    ),
    breakdown: Type.Boolean({ description: 'Train the models with m up to n again with b = 0' }),
    between: optionalExperiment(
      Type.Object(
        { initialBias: Type.Array(InitialBias, { minItems: 1 }), alpha: Grid, gamma: Grid },
        { ...strict, description: 'Small models with other initial biases, to see whether the change is gradual' },
      ),
    ),
    controls: optionalExperiment(
      Type.Object(
        {
          alpha: Grid,
          gamma: Grid,
          m: Widths,
          epsilon: Type.Number({
            exclusiveMinimum: 0,
            description: 'Of Adam; best above 1e-8, since a loss that is n times as large does what 1e-8/n would',
          }),
          longer: Factor('On the steps; the warm-up stays'),
        },
        {
          ...strict,
          description:
            'Cells of the rows, trained from random and from zero biases with one thing changed: epsilon of Adam, the loss as a sum over features (n times the mean), more steps',
        },
      ),
    ),
  },
  strict,
);

const zero = { mean: 0, standardDeviation: 0 };

function fromZero<T extends { readonly training: Training }>(sweep: T): T {
  return { ...sweep, training: { ...sweep.training, initialBias: zero } };
}

export function initialBiasExperiments(
  initialBias: Static<typeof InitialBiasParameters>,
  params: Parameters,
  trainModel: TrainModel,
): Experiment[] {
  const { small, large, breakdown } = params;
  const { rows, between } = initialBias;
  const experiments: Experiment[] = [];

  const zeroBias = experiment('small-zero-bias', () => {
    const { gamma, alpha = small.alpha, m = small.m, seeds } = rows;
    const whole = powerLawSweep(trainModel, fromZero({ ...small, gamma, alpha, m }), { seeds: () => seeds });
    if (initialBias.alpha.length === 0) return whole;
    const others = powerLawSweep(trainModel, fromZero({ ...small, alpha: initialBias.alpha }));
    return [...whole, ...others.filter(({ gamma }) => !selectsRow(rows.gamma, gamma))];
  });
  if (zeroBias.models.length > 0) experiments.push(zeroBias);

  if (large && initialBias.large) {
    const { m, seeds } = initialBias.large;
    const strong = fromZero({ ...large, m, gamma: [-1] });
    experiments.push(experiment('large-zero-bias', () => largeModels(strong, trainModel, () => seeds), large.fitted));
  }
  if (breakdown && initialBias.breakdown) {
    experiments.push(experiment('breakdown-zero-bias', () => powerLawSweep(trainModel, fromZero(breakdown))));
  }
  if (between) {
    const { alpha, gamma } = between;
    const models = () =>
      between.initialBias.flatMap((drawn) =>
        powerLawSweep(trainModel, { ...small, alpha, gamma, training: { ...small.training, initialBias: drawn } }),
      );
    experiments.push(experiment('initial-biases', models));
  }
  return experiments;
}

/**
 * Whether the comparison rests on what else could have been chosen: Adam's epsilon, the scale of the loss, the number
 * of steps. One is changed at a time, with random and with zero biases; the unchanged models are those of the sweeps.
 * Adam does the same with n times the gradient as with epsilon/n, so epsilon itself is varied the other way.
 */
export function biasControls({ initialBias, small }: Parameters, trainModel: TrainModel): Experiment[] {
  if (!initialBias?.controls) return [];
  const { epsilon, longer, ...cells } = initialBias.controls;
  const { training } = small;
  const changes: Record<string, Partial<Training>> = {
    'control-epsilon': { epsilon },
    'control-loss-scale': { lossScale: small.n },
    'control-steps': { steps: training.steps * longer },
  };
  return Object.entries(changes).map(([name, change]) => {
    const changed = { ...small, ...cells, training: { ...training, ...change } };
    return experiment(name, () => [changed, fromZero(changed)].flatMap((sweep) => powerLawSweep(trainModel, sweep)));
  });
}

/** How units die: one model small enough to be followed step by step in about two seconds, where a figure shows it. */
export function followFirstSteps({ seed, figures }: Parameters): Handle<typeof FirstSteps> | undefined {
  if (!figures.includes('first-steps')) return undefined;
  const model = { n: 64, m: 8, alpha: 1, gamma: -5 / 9 };
  const training = { batch: 128, steps: 300, warmup: 30, peakRate: 0.02 };
  return firstSteps({ ...model, ...training, every: 6, probes: 1024, seed }, {}).firstSteps;
}
