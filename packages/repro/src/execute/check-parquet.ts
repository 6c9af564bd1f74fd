import { existsSync, statSync } from 'node:fs';
import { parquetError } from '../parquet.ts';
import { mostBytes } from './check-source.ts';
import type { ParquetTable } from './protocol.ts';

/** Throws an Error of one line for the first table that is not what its type declares. One that is absent is told elsewhere. */
export async function checkParquet(tables: readonly ParquetTable[]): Promise<void> {
  for (const { fault, path, columns } of tables)
    refuse(fault, existsSync(path) ? await parquetError(path, columns) : undefined);
}

/** What was found of copies of sources in this process, each of which is named by its content. */
const found = new Map<string, Promise<string | undefined>>();

/** As `checkParquet`, of sources: of a large one, whose rows take long to read, the columns and their types alone. */
export async function checkGiven(tables: readonly ParquetTable[]): Promise<void> {
  for (const { fault, path, columns } of tables) {
    const name = JSON.stringify([path, columns]);
    if (!found.has(name)) found.set(name, parquetError(path, columns, statSync(path).size <= mostBytes));
    refuse(fault, await found.get(name));
  }
}

function refuse(fault: string, difference: string | undefined): void {
  if (difference === undefined) return;
  const error = new Error(`${fault}: ${difference}`);
  error.stack = '';
  throw error;
}
