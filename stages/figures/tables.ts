/** From the records of a sweep to the rows of a figure, by way of arquero tables. */
import { escape, from, op } from 'arquero';

type Columns<R> = Readonly<Record<string, (record: R) => number | string>>;
type RowOf<C> = { [name in keyof C]: C[name] extends (record: never) => infer Value ? Value : never };

/** A row for each record, with the given columns, ordered by some of them. */
export function rowsOf<R extends object, const C extends Columns<R>>(
  records: readonly R[],
  columns: C,
  ...orderBy: readonly (keyof C & string)[]
): RowOf<C>[] {
  // A record is one column: some of its members are records themselves.
  const names = Object.keys(columns);
  const expressions = names.map(
    (name) => [name, escape(({ record }: { record: R }) => columns[name]!(record))] as const,
  );
  const table = from(records.map((record) => ({ record })))
    .derive(Object.fromEntries(expressions))
    .select(names);
  return (orderBy.length ? table.orderby(...orderBy) : table).objects() as RowOf<C>[];
}

/** The median of a quantity for each value of a key, keys ascending. */
export function mediansBy<R>(
  records: readonly R[],
  key: (record: R) => number,
  value: (record: R) => number,
): { key: number; median: number }[] {
  return from(records.map((record) => ({ key: key(record), value: value(record) })))
    .groupby('key')
    .rollup({ median: op.median('value') })
    .orderby('key')
    .objects() as { key: number; median: number }[];
}
