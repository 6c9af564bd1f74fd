/** Which cells a rule is about: bounds on named coordinates, which a pipeline declares. */
import { Type } from '@sinclair/typebox';
import type { Static, TSchema } from '@sinclair/typebox';
import { formatConstant } from './numbers.ts';

export const Range = Type.Object(
  {
    is: Type.Optional(Type.Number({ description: 'Equal, to the tolerance of the coordinate' })),
    atLeast: Type.Optional(Type.Number()),
    atMost: Type.Optional(Type.Number()),
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
  },
  { additionalProperties: false, description: 'Bounds; `above` and `below` exclude the bound' },
);
export type Range = Static<typeof Range>;

/** A number that cells are selected by. */
export interface NumberCoordinate<C> {
  /** "γ", for readers. */
  readonly symbol: string;
  readonly of: (cell: C) => number | null;
  /** Grids are written rounded (-0.556 for -5/9): how far a bound may be from the value. 0 for what is measured. */
  readonly tolerance: number;
  /** Whether the value is measured: such a bound leaves cells out, and does not say which cells a design has. */
  readonly measured?: boolean;
  readonly description?: string;
}

/** A kind that cells are selected by. */
export interface KindCoordinate<C> {
  /** "frequencies": `linear or exponential frequencies`. */
  readonly noun: string;
  readonly of: (cell: C) => string;
  readonly kinds: readonly string[];
}

export type Coordinates<C> = Readonly<Record<string, NumberCoordinate<C> | KindCoordinate<C>>>;

/** By coordinate: a range, or a list of kinds. */
export type Selection = Readonly<Record<string, Range | readonly string[]>>;

/** The JSON Schema of a selection by these coordinates. */
export function selectionSchema<C>(coordinates: Coordinates<C>): TSchema {
  const properties = Object.entries(coordinates).map(([name, coordinate]): [string, TSchema] => [
    name,
    Type.Optional(
      'kinds' in coordinate
        ? Type.Array(Type.String({ enum: [...coordinate.kinds] }), { minItems: 1 })
        : Type.Unsafe({ ...Range, ...(coordinate.description && { description: coordinate.description }) }),
    ),
  ]);
  return Type.Object(Object.fromEntries(properties), {
    additionalProperties: false,
    description: 'Which cells of the experiment are meant; all without it',
  });
}

/** Whether a cell is meant. `measured: false` leaves out the bounds on measured coordinates: what a design is about. */
export function selects<C>(
  cell: C,
  selection: Selection | undefined,
  coordinates: Coordinates<C>,
  { measured = true }: { readonly measured?: boolean } = {},
): boolean {
  return Object.entries(selection ?? {}).every(([name, wanted]) => {
    const coordinate = coordinates[name];
    if (!coordinate) throw new Error(`cells are selected by "${name}": there is no such coordinate`);
    if ('kinds' in coordinate) return (wanted as readonly string[]).includes(coordinate.of(cell));
    if (coordinate.measured && !measured) return true;
    const value = coordinate.of(cell);
    return value !== null && inRange(value, wanted as Range, coordinate.tolerance);
  });
}

export function inRange(value: number, range: Range | undefined, tolerance = 0): boolean {
  if (!range) return true;
  const { is, atLeast, atMost, above, below } = range;
  return (
    (is === undefined || Math.abs(value - is) <= tolerance) &&
    (atLeast === undefined || value >= atLeast - tolerance) &&
    (atMost === undefined || value <= atMost + tolerance) &&
    (above === undefined || value > above + tolerance) &&
    (below === undefined || value < below - tolerance)
  );
}

/** `γ ≤ −0.556, α ≤ 1`, or nothing for all cells. In the order of the coordinates. */
export function describeSelection<C>(selection: Selection | undefined, coordinates: Coordinates<C>): string {
  return Object.entries(coordinates)
    .flatMap(([name, coordinate]) => {
      const wanted = selection?.[name];
      if (!wanted) return [];
      return 'kinds' in coordinate
        ? `${(wanted as readonly string[]).join(' or ')} ${coordinate.noun}`
        : describeRange(coordinate.symbol, wanted as Range);
    })
    .join(', ');
}

export function describeRange(symbol: string, { is, atLeast, atMost, above, below }: Range): string {
  if (is !== undefined) return `${symbol} = ${formatConstant(is)}`;
  const left =
    atLeast !== undefined ? `${formatConstant(atLeast)} ≤ ` : above !== undefined ? `${formatConstant(above)} < ` : '';
  const right =
    atMost !== undefined ? ` ≤ ${formatConstant(atMost)}` : below !== undefined ? ` < ${formatConstant(below)}` : '';
  if (left && right) return `${left}${symbol}${right}`;
  if (atLeast !== undefined) return `${symbol} ≥ ${formatConstant(atLeast)}`;
  if (above !== undefined) return `${symbol} > ${formatConstant(above)}`;
  return symbol + right;
}
