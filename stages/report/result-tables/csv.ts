/** Rows as comma-separated values (RFC 4180). An empty cell is a value that does not exist. */
import type { Column } from './columns.ts';

/** A header, then a line for each row. Numbers have nine significant digits: more than any is known by. */
export function csv(columns: readonly Column[], rows: readonly object[]): string {
  const lines = rows.map((row) => columns.map(({ path }) => cell(valueAt(row, path))));
  return [columns.map(({ name }) => name), ...lines].map((line) => line.join(',') + '\n').join('');
}

type Value = string | number | boolean | null | undefined;

/** The value of a column in a row. */
export function valueAt(row: object, path: readonly string[]): Value {
  let value: unknown = row;
  for (const member of path) value = (value as Record<string, unknown> | null | undefined)?.[member];
  return value as Value;
}

/** Nine significant digits. */
export const numberAsWritten = (value: number): number => Number(value.toPrecision(9));

function cell(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(numberAsWritten(value));
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
