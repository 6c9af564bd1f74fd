/** What a quantity finds: the input of the rules. */

/** How many cells an estimate or a list of values is made of. */
export interface CellCount {
  /** Cells of this set that the rule is about. */
  readonly planned: number;
  /** Those of them that a measured condition of the rule leaves out: "rows of norm above 1, at least 10 of them". */
  readonly excluded: number;
  /** Those with a value. */
  readonly used: number;
}

/** Fewest and most seeds behind a cell. */
export interface SeedCount {
  readonly least: number;
  readonly most: number;
}

/** Where an error comes from: the spread between seeds, or the residuals of a fit, which measure its curvature too. */
export type ErrorSource = 'seeds' | 'fit' | 'cells';

/** What a run left out of what a rule is about. */
export interface Unfinished {
  /** Cells, or curves over them, that the set has for the rule. */
  readonly planned: number;
  /** Those of them that this run is without. */
  readonly absent: number;
}

/** One number with its uncertainty. */
export interface Estimate {
  readonly kind: 'estimate';
  readonly value: number;
  readonly standardError: number | null;
  /** 95% interval, where there is one. */
  readonly low: number | null;
  readonly high: number | null;
  readonly errorFrom: ErrorSource | null;
  readonly cells: CellCount;
  readonly seeds: SeedCount | null;
  readonly unfinished?: Unfinished;
  /** What was looked at, and secondary numbers, in one or two short sentences. */
  readonly detail: string;
}

/** The value of one cell: the mean over its seeds. NaN where it is undefined; infinite for a ratio to nothing. */
export interface Cell {
  readonly value: number;
  /** 95% interval, where the rule needs one. */
  readonly low?: number;
  readonly high?: number;
  readonly seeds?: number;
  /** "γ = −0.556", where cells are told one by one. */
  readonly label?: string;
}

/** A number in each of many cells. */
export interface Cells {
  readonly kind: 'cells';
  readonly cells: readonly Cell[];
  /** Cells that a measured condition of the rule leaves out: they are not in `cells`. */
  readonly excluded: number;
  readonly unfinished?: Unfinished;
  readonly detail: string;
}

/** Nothing to judge by, and why. */
export interface Missing {
  readonly kind: 'missing';
  readonly reason: string;
  readonly unfinished?: Unfinished;
}

export type Evidence = Estimate | Cells | Missing;

export function missing(reason: string, unfinished?: Unfinished): Missing {
  return { kind: 'missing', reason, ...(unfinished && { unfinished }) };
}

/** Fewest and most of a list of counts; null for an empty one. */
export function seedCount(counts: readonly (number | undefined)[]): SeedCount | null {
  const known = counts.filter((count) => count !== undefined);
  return known.length ? { least: Math.min(...known), most: Math.max(...known) } : null;
}

/** Counts of cells of which all have a value. */
export function allCells(count: number): CellCount {
  return { planned: count, excluded: 0, used: count };
}
