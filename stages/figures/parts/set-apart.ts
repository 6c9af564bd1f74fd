/** Points that share a model dimension, moved a little to the left and right of it, so that none hides the others. */
import { exp, ln } from '../../../numerics/elementary.ts';
import { frequencyColours } from './palettes.ts';

/**
 * `place`: from −1 (left) to 1 (right). Moves by no more than the size of a point: it must still compare with the lines
 * of theory.
 */
export function setApart(m: number, place: number, widths: readonly number[]): number {
  return m * exp(0.018 * ln((1.3 * widths.at(-1)!) / widths[0]!) * place);
}

/** By the kind of feature frequencies, in the order of the legend. */
export function setApartByFrequencies(m: number, frequencies: string, widths: readonly number[]): number {
  const kinds = Object.keys(frequencyColours);
  return setApart(m, kinds.indexOf(frequencies) - (kinds.length - 1) / 2, widths);
}

/** For captions. `by`: "α". `about`: what they share. */
export const apartBy = (by: string, about = 'm'): string =>
  ` About each ${about} the points are set apart a little by ${by}, so that none hides the others.`;
