/** From records to the rows of a figure. */

export type Row = Readonly<Record<string, number | string | null>>;
type Columns<R> = Readonly<Record<string, (record: R) => number | string>>;
type RowOf<C> = { [name in keyof C]: C[name] extends (record: never) => infer Value ? Value : never };

/** A row for each record, with the given columns, in ascending order of some of them; equal rows keep their order. */
export function rowsOf<R extends object, const C extends Columns<R>>(
  records: readonly R[],
  columns: C,
  ...orderBy: readonly (keyof C & string)[]
): RowOf<C>[] {
  const names = Object.keys(columns);
  const rows = records.map(
    (record) => Object.fromEntries(names.map((name) => [name, columns[name]!(record)])) as RowOf<C>,
  );
  return rows.sort((a, b) => {
    for (const name of orderBy) {
      const [left, right] = [a[name] as number | string, b[name] as number | string];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}

/** The median of a quantity for each value of a key, keys ascending. */
export function mediansBy<R>(
  records: readonly R[],
  key: (record: R) => number,
  value: (record: R) => number,
): { key: number; median: number }[] {
  return distinct(records.map(key)).map((one) => ({
    key: one,
    median: median(records.filter((record) => key(record) === one).map(value)),
  }));
}

/** Each value once, ascending. */
export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** NaN of no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** NaN of no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  if (sorted.length === 0) return NaN;
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
}

/** Six significant digits: more than a figure can show, and the files stay small. */
export function compact(value: number): number {
  return Number(value.toPrecision(6));
}

/** A row with its numbers to six digits. */
export function compactRow<R extends Record<string, unknown>>(row: R): R {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? compact(value) : value]),
  ) as R;
}
