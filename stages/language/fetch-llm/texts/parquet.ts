import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ByteSource } from '../../../../numerics/checkpoints/byte-source.ts';
import { HubError } from '../hub/errors.ts';

/** The values of one column of a Parquet file in order: its footer, and then the column's part of one row group after another. */
export async function* parquetColumn(bytes: ByteSource, column: string): AsyncGenerator<unknown> {
  const file = {
    byteLength: bytes.size,
    slice: async (begin: number, end = bytes.size) => arrayBuffer(await bytes.read(begin, end)),
  };
  const metadata = await decoded(bytes.name, () =>
    parquetMetadataAsync(file, { initialFetchSize: Math.min(bytes.size, 2 ** 16) }),
  );
  if (!metadata.schema.some(({ name }) => name === column)) {
    throw new HubError(
      `${bytes.name}: no column "${column}": found ${metadata.schema
        .slice(1)
        .map(({ name }) => name)
        .join(', ')}`,
    );
  }
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const start = rowStart;
    const rows = await decoded(bytes.name, () =>
      parquetReadObjects({ file, metadata, columns: [column], rowStart: start, rowEnd, compressors }),
    );
    for (const row of rows) yield row[column];
    rowStart = rowEnd;
  }
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

/** What the decoder says of a broken file, with the file's name; what the network says, as it is. */
async function decoded<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { name: kind, message } = error as Error;
    if (kind === 'HubError' || kind === 'NotRun' || kind === 'AbortError') throw error;
    throw new HubError(`${name}: cannot be read as Parquet: ${message}`);
  }
}
