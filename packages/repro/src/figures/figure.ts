/** What a figure is: a pure function from data to a specification and a caption. */

/** A part of a Vega-Lite specification. Not the library's own type: tests check each specification against its JSON Schema. */
export type Fragment = Readonly<Record<string, unknown>>;

/** A figure is a value: a self-contained Vega-Lite specification and the caption below it. */
export interface Figure {
  readonly specification: Fragment;
  readonly caption: string;
}

/**
 * One figure. `needs` says what it is drawn from, for the planner; `draw` gets that.
 * Example: `defineFigure({ id: '6e', title: 'Model exponent', section: 'Exponents', needs: {}, draw: (data) => ... })`.
 */
export interface FigureDefinition<Needs = unknown, Data = unknown> {
  /** Names its files: `figures/6e.svg`. */
  readonly id: string;
  readonly title: string;
  /** The heading below which a report shows it. */
  readonly section: string;
  readonly needs: Needs;
  readonly draw: (data: Data) => Figure;
}

/** The figure itself: the call gives its parts their types. */
export function defineFigure<Needs, Data>(figure: FigureDefinition<Needs, Data>): FigureDefinition<Needs, Data> {
  return figure;
}

/** Thrown by a figure whose data leave nothing to draw; the message says what is missing. */
export class NothingToDraw extends Error {
  override readonly name = 'NothingToDraw';
}

/** The rows, if there are any. Throws NothingToDraw otherwise. `what`: "models with m > 10". */
export function some<T>(rows: readonly T[], what: string): readonly T[] {
  if (rows.length === 0) throw new NothingToDraw(`there are no ${what}`);
  return rows;
}
