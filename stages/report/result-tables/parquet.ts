/** Rows as Parquet: the same numbers as in the CSV, with their types, for tables that people load rather than read. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Column } from './columns.ts';
import { numberAsWritten, valueAt } from './csv.ts';

const types = { string: 'STRING', integer: 'INT32', number: 'DOUBLE', boolean: 'BOOLEAN' } as const;

/** One file; a value that does not exist is null. */
export function parquet(columns: readonly Column[], rows: readonly object[]): Uint8Array {
  const columnData = columns.map(({ name, path, type, optional }) => ({
    name,
    type: types[type],
    nullable: optional,
    data: rows.map((row) => {
      const value = valueAt(row, path) ?? null;
      return typeof value === 'number' ? numberAsWritten(value) : value;
    }),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
