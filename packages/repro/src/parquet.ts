/** Tables in Parquet: rows for figures, and whether a file is what its type declares. */
import { open } from 'node:fs/promises';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, FileMetaData, SchemaElement } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ColumnType } from './graph/artifact.ts';

export type Cell = string | number | boolean | null;

/** The rows of a file. Integers of 64 bits are numbers. Throws an Error of one line for what is no Parquet file. */
export async function parquetRows(path: string): Promise<Record<string, Cell>[]> {
  const rows: Record<string, Cell>[] = [];
  const { file, metadata } = await openParquet(path);
  for await (const group of rowGroups(file, metadata)) {
    for (const row of group)
      rows.push(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
  }
  return rows;
}

/**
 * How a table differs from its declared columns: `row 3, loss = null: expected a finite number`. Undefined if it does not.
 * Without `rows`, only their names and types are compared.
 */
export async function parquetError(
  path: string,
  columns: Readonly<Record<string, ColumnType>>,
  rows = true,
): Promise<string | undefined> {
  let opened: { file: AsyncBuffer; metadata: FileMetaData };
  try {
    opened = await openParquet(path);
  } catch (error) {
    return `it cannot be read as Parquet: ${(error as Error).message}`;
  }
  const { file, metadata } = opened;
  const found = parquetSchema(metadata).children;
  const names = Object.keys(columns);
  const there = found.map(({ element }) => element.name);
  if (there.length !== names.length || there.some((name, i) => name !== names[i]))
    return `it has the columns ${there.join(', ')}: expected ${names.join(', ')}`;
  for (const { element, children } of found) {
    const wanted = columns[element.name]!;
    const kind = children.length > 0 ? undefined : kindOf(element);
    if (kind !== wanted && !(kind === 'integer' && wanted === 'number'))
      return `column ${element.name} holds ${kind === undefined ? `values of type ${typeWords(element)}` : described[kind]}: expected ${described[wanted]}`;
  }
  if (!rows) return undefined;
  let row = 0;
  for await (const group of rowGroups(file, metadata)) {
    for (const cells of group) {
      row++;
      for (const name of names) {
        const value = plain(cells[name]);
        const wanted = columns[name]!;
        if (wanted === 'text' ? value !== null : wanted === 'boolean' ? value !== null : Number.isFinite(value))
          continue;
        return `row ${row}, ${name} = ${String(value)}: expected ${one[wanted]}`;
      }
    }
  }
  return undefined;
}

async function openParquet(path: string): Promise<{ file: AsyncBuffer; metadata: FileMetaData }> {
  const handle = await open(path, 'r');
  const magic = Buffer.alloc(4);
  await handle.read(magic, 0, 4, 0);
  await handle.close();
  if (magic.toString('latin1') !== 'PAR1') throw new Error('it does not begin with PAR1');
  const file = await asyncBufferFromFile(path);
  return { file, metadata: await parquetMetadataAsync(file) };
}

/** Row group after row group, so that a file may be larger than memory. */
async function* rowGroups(file: AsyncBuffer, metadata: FileMetaData): AsyncGenerator<Record<string, unknown>[]> {
  let rowStart = 0;
  for (const { num_rows: rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(rows);
    yield (await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors })) as Record<string, unknown>[];
    rowStart = rowEnd;
  }
}

function plain(value: unknown): Cell {
  switch (typeof value) {
    case 'bigint':
      return Number(value);
    case 'number':
    case 'string':
    case 'boolean':
      return value;
    default:
      return value instanceof Date ? value.toISOString() : null;
  }
}

function kindOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): ColumnType | undefined {
  const words = logical?.type ?? converted;
  switch (type) {
    case 'DOUBLE':
    case 'FLOAT':
      return 'number';
    case 'INT32':
    case 'INT64':
      if (words === 'DECIMAL') return 'number';
      return words === undefined || /^U?INT(_|EGER|$)/.test(words) ? 'integer' : undefined;
    case 'BOOLEAN':
      return 'boolean';
    case 'BYTE_ARRAY':
      return words !== undefined && ['UTF8', 'STRING', 'ENUM'].includes(words) ? 'text' : undefined;
    default:
      return undefined;
  }
}

function typeWords({ type, logical_type: logical, converted_type: converted }: SchemaElement): string {
  return [type ?? 'group', logical?.type ?? converted].filter(Boolean).join(' ');
}

const described: Readonly<Record<ColumnType, string>> = {
  number: 'numbers',
  integer: 'whole numbers',
  boolean: 'true and false',
  text: 'text',
};
const one: Readonly<Record<ColumnType, string>> = {
  number: 'a finite number',
  integer: 'a whole number',
  boolean: 'true or false',
  text: 'text',
};
