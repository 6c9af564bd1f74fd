import { existsSync } from 'node:fs';
import { parquetError } from '../parquet.ts';
import type { ParquetOutput } from './protocol.ts';

/** Throws an Error of one line for the first table that is not what its type declares. One that is absent is told elsewhere. */
export async function checkParquet(tables: readonly ParquetOutput[]): Promise<void> {
  for (const { output, type, path, columns } of tables) {
    const difference = existsSync(path) ? await parquetError(path, columns) : undefined;
    if (difference === undefined) continue;
    const error = new Error(`output "${output}" is not what ${type} declares: ${difference}`);
    error.stack = '';
    throw error;
  }
}
