/** Why a curve has no fit, for captions: one line takes three m or more, and all that the set has in its range. */
import type { FigureData } from '../figure-data.ts';

/** " Too few m in the range of the fit, so without one: power law."; nothing for no names. */
export function withoutFit(data: FigureData, experiment: string, names: readonly string[]): string {
  if (!names.length) return '';
  return data.isUnfinished(experiment)
    ? ` Without a fit, since m in its range are not finished or too few: ${names.join(', ')}.`
    : ` Too few m in the range of the fit, so without one: ${names.join(', ')}.`;
}

/** "too few m for a fit": of several experiments where none has enough. */
export function tooFewFor(what: string, data: FigureData, ...experiments: readonly string[]): string {
  return experiments.some((experiment) => data.isUnfinished(experiment))
    ? `too few finished m for ${what}`
    : `too few m for ${what}`;
}
