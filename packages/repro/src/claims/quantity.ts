/** A quantity: what a rule compares, measured from the results of a run. */
import type { Part } from './definition.ts';
import type { Cells, Estimate, Missing } from './evidence.ts';

interface Definition<Kind, Sources, Found> {
  /** What claims.json calls it: "model-exponent". */
  readonly id: string;
  /** What the report calls it: "αₘ". */
  readonly label: string;
  /** One estimate with its uncertainty, or a value in each of many cells. */
  readonly kind: Kind;
  /** From the part of a claim, which says the cells, and the results of the run to the evidence. Pure. */
  readonly measure: (part: Part, sources: Sources) => Found | Missing;
}

export type Quantity<Sources> = Definition<'estimate', Sources, Estimate> | Definition<'cells', Sources, Cells>;
/** A quantity of whatever sources. */
export type AnyQuantity = Quantity<never>;

/** Registers a quantity. E.g. `defineQuantity({ id: 'r2', label: 'R²', kind: 'cells', measure: (part, { fits }) => ... })`. */
export function defineQuantity<Sources>(quantity: Quantity<Sources>): Quantity<Sources> {
  return quantity;
}

/** All quantities among the exports of modules. Throws for two of one id. */
export function quantitiesOf<Sources>(...modules: readonly Readonly<Record<string, unknown>>[]): Quantity<Sources>[] {
  const found = modules.flatMap((module) => Object.values(module)).filter((value) => isQuantity<Sources>(value));
  const ids = new Set<string>();
  for (const { id } of found) {
    if (ids.has(id)) throw new Error(`two quantities are called "${id}"`);
    ids.add(id);
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function isQuantity<Sources>(value: unknown): value is Quantity<Sources> {
  return typeof value === 'object' && value !== null && 'measure' in value && 'kind' in value && 'id' in value;
}
