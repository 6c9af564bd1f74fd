/** What a quantity finds: the input of the rules. */

/** One number with its uncertainty. */
export interface Estimate {
  readonly kind: 'estimate';
  readonly value: number;
  readonly standardError: number | null;
  /** 95% interval, where there is one. */
  readonly low: number | null;
  readonly high: number | null;
  /** The same over seeds, where there are replicates. */
  readonly seeds?: { readonly count: number; readonly mean: number; readonly standardError: number } | null;
  /** What was looked at, and secondary numbers, in one or two short sentences. */
  readonly detail: string;
}

/** A number in each of many cells. Infinite values are allowed: a ratio to nothing. */
export interface Cells {
  readonly kind: 'cells';
  readonly values: readonly number[];
  readonly detail: string;
}

/** Nothing to judge by, and why. */
export interface Missing {
  readonly kind: 'missing';
  readonly reason: string;
}

export type Evidence = Estimate | Cells | Missing;

export function missing(reason: string): Missing {
  return { kind: 'missing', reason };
}
