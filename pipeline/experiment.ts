/** A group of models whose losses are compared and fitted together. */
import { group } from 'repro';
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
  readonly ranges: readonly FitRange[];
}

export interface FittedExperiment extends Experiment {
  readonly sweep: Handle<typeof FittedSweep>;
}

/**
 * An experiment by the models that `models` asks for. They are named by the first experiment that asks for them, so a
 * model that the small sweep shares with others is `train[small,...]` wherever the small sweep has it.
 */
export function experiment(
  name: string,
  models: () => readonly MeasuredModel[],
  ranges: readonly FitRange[] = [],
): Experiment {
  return { name, models: group(name, models), ranges };
}

/** The exponent alpha_m of L ~ m^-alpha_m in each cell of an experiment: least squares of log L on log m. */
export function fitExperiment(toFit: Experiment, readings: Parameters['readings']): FittedExperiment {
  const { name, models, ranges } = toFit;
  const measurements = models.map(({ measurement }) => measurement);
  const cells = models.map(({ measurement: _, ...cell }) => cell);
  const params = { experiment: name, ranges: [...ranges], cells, readings };
  const { sweep } = group(name, () => fitExponents(params, { measurements }));
  return { ...toFit, sweep };
}
