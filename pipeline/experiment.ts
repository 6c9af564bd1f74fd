/** A group of models whose losses are compared and fitted together. */
import type { Handle } from 'repro';
import type { FittedSweep } from '../stages/toy/artifacts.ts';
import type { FitRange } from '../stages/toy/fit-exponents/fit-range.ts';
import { fitExponents } from '../stages/toy/fit-exponents/stage.ts';
import type { Parameters } from './parameters.ts';
import type { MeasuredModel } from './toy-model.ts';

export interface Experiment {
  /** What claims, figures and tables call it: `small`, `density`, ... */
  readonly name: string;
  readonly models: readonly MeasuredModel[];
  /** Curves that are fitted from some m on (App. D.1); the others are fitted to all their points. */
  readonly ranges?: readonly FitRange[];
}

export interface FittedExperiment extends Experiment {
  readonly sweep: Handle<typeof FittedSweep>;
}

/** The exponent alpha_m of L ~ m^-alpha_m in each cell of an experiment: least squares of log L on log m. */
export function fitExperiment(experiment: Experiment, readings: Parameters['readings']): FittedExperiment {
  const { name, models, ranges = [] } = experiment;
  const measurements = models.map(({ measurement }) => measurement);
  const { sweep } = fitExponents({ experiment: name, ranges: [...ranges], readings }, { measurements });
  return { ...experiment, sweep };
}
