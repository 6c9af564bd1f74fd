/** What is compared with the authors' figures: numbers that both have, figure by figure. */
import type { ModelCell } from '../../toy/artifacts.ts';

/** The models that a number is of: one cell, or those of one curve. */
export type Origin = Pick<ModelCell, 'frequencies' | 'alpha' | 'gamma' | 'n'> & {
  /** Of an exponent many. */
  readonly m?: number | readonly number[];
};

/** One number that both have: ours seed by seed, on the scale on which it is compared. */
export interface Compared {
  /** "γ = −0.556, α = 1, m = 39". */
  readonly place: string;
  /** None of numbers made from models of several curves. */
  readonly origin?: Origin;
  readonly ours: readonly number[];
  readonly theirs: number;
  /** How far theirs may be off as read from the figure, on the same scale. */
  readonly readingError: number;
}

/**
 * What can be measured on every model or fitted to every curve, so that seeds elsewhere say something of its spread.
 */
export type Quantity = 'loss' | 'exponent' | 'representedFraction' | 'stronglyRepresentedFraction';

/** What one figure of the authors shows and a set has too. */
export interface Series {
  /** "4b". */
  readonly figure: string;
  readonly what: string;
  /** None of what only this figure shows, such as R². */
  readonly quantity?: Quantity;
  /** Whether the numbers compared are logarithms, so that differences are ratios. */
  readonly logarithmic: boolean;
  /** Whether ours are of the authors' own n, so that the models are the same but for their random numbers. */
  readonly sameScale: boolean;
  readonly points: readonly Compared[];
  /** How many of these numbers the authors' figure has. */
  readonly ofTheirs: number;
}
