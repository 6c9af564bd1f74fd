/** The loss of features that a model ignores (Eq. 4, App. D.5). */
import { ln, pow } from '../../../numerics/elementary.ts';

/** <v^2> for v uniform in (0, 2). */
const meanSquareActivation = 4 / 3;

/** Eq. 4: <v^2> sum of p_i over i > represented, for p in order of rank. */
export function unlearnedLoss(p: ArrayLike<number>, represented: number): number {
  return unlearnedLossOf(Array.prototype.slice.call(p, represented) as number[]);
}

/** <v^2> sum of p over a set of features that a model leaves out: theirs in Eq. 4, in order of rank. */
export function unlearnedLossOf(p: ArrayLike<number>): number {
  let sum = 0;
  // From the smallest on, so that the small terms are not lost.
  for (let i = p.length - 1; i >= 0; i--) sum += p[i]!;
  return meanSquareActivation * sum;
}

/**
 * The integral that App. D.5 puts in place of the sum, for p_i ~ 1/i^alpha of density E, with the factor <v^2> that
 * its formula lacks. At least one feature is taken as represented: the integral starts at rank 1.
 */
export function unlearnedLossIntegral(alpha: number, n: number, density: number, representedFraction: number): number {
  const phi = Math.max(representedFraction, 1 / n);
  const scale = meanSquareActivation * density;
  if (alpha === 1) return (-scale * ln(phi)) / ln(n);
  const end = pow(n, 1 - alpha);
  return (scale * (pow(phi, 1 - alpha) - 1) * end) / (1 - end);
}
