import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ByteSource } from '../../../../numerics/checkpoints/byte-source.ts';
import { limited } from '../../../../numerics/foreign/limited.ts';
import { oneLine } from '../../../../numerics/foreign/json.ts';
import { quoted } from '../../../../numerics/foreign/quoted.ts';
import { batches } from './lines.ts';

/** Row groups of data sets have a few megabytes, seldom hundreds. */
const longestRange = 2 ** 28;

type Read = (begin: number, end: number) => Promise<Uint8Array>;

/** The values of one column in order: the footer, and then the column's part of one row group after another. */
export async function* columnValues(size: number, column: string, read: Read): AsyncGenerator<unknown> {
  const file = {
    byteLength: size,
    slice: (begin: number, end = size): Promise<ArrayBuffer> => {
      const bytes = Promise.resolve().then(async () => arrayBuffer(await read(begin, end)));
      // The library asks for pieces before it waits for them: what it no longer waits for is no fault of the process.
      bytes.catch(() => undefined);
      return bytes;
    },
  };
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: Math.min(size, 2 ** 16) });
  const columns = parquetSchema(metadata).children;
  const found = columns.find(({ element }) => element.name === column);
  if (!found)
    throw new Error(
      `no column ${quoted(column)}: found ${columns
        .slice(0, 20)
        .map(({ element }) => quoted(element.name))
        .join(', ')}`,
    );
  if (found.children.length > 0 || found.element.type !== 'BYTE_ARRAY')
    throw new Error(
      `column ${quoted(column)} is ${found.children.length > 0 ? 'nested' : found.element.type}: expected texts`,
    );
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const held = group.columns.find(({ meta_data: data }) => data?.path_in_schema[0] === column)?.meta_data;
    // A value takes a byte at least, unless all are equal and in a dictionary: then a run of a billion takes no room.
    if (!Number.isSafeInteger(rows) || rows < 0 || rows > mostRows || held?.num_values !== group.num_rows)
      throw new Error(
        `a row group of ${group.num_rows} rows with ${held?.num_values} values: expected as many, at most ${mostRows}`,
      );
    const values = await parquetReadObjects({
      file,
      metadata,
      columns: [column],
      rowStart,
      rowEnd: rowStart + rows,
      compressors: bounded,
    });
    if (values.length !== rows) throw new Error(`${values.length} rows in a row group of ${rows}`);
    for (const row of values) yield row[column];
    rowStart += rows;
  }
}

const mostRows = 2 ** 24;

/** Each codec, told beforehand how much it makes, which a page may overstate. */
const bounded = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]): [string, typeof decompress] => [
    codec,
    (input, length) => {
      if (length > longestRange) throw new Error(`a page of ${length} bytes: expected at most ${longestRange}`);
      return decompress(input, length);
    },
  ]),
);

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

interface Start {
  readonly size: number;
  readonly column: string;
}

const open = await limited('parquet', ({ size, column }: Start, supply) =>
  batches(columnValues(size, column, (begin, end) => supply([begin, end]) as Promise<Uint8Array>)),
);

/**
 * The values of one column of a Parquet file in order, decoded in a limited process. Throws an Error of one line that
 * names the file; what the network says, as it is.
 */
export async function* parquetColumn(bytes: ByteSource, column: string): AsyncGenerator<unknown> {
  const { name } = bytes;
  let supplyFault: unknown;
  const process = open(
    { size: bytes.size, column },
    {
      name,
      advice: 'it is damaged, or a row group is larger than those of data sets',
      megabytes: 512,
      seconds: 5 + Math.min(bytes.size, longestRange) / 2 ** 22,
      supply: async (range) => {
        const [begin, end] = range as [number, number];
        try {
          if (end - begin > longestRange)
            throw new Error(
              `${name}: a column takes ${end - begin} bytes in a row group: expected at most ${longestRange}`,
            );
          return await bytes.read(begin, end);
        } catch (error) {
          supplyFault = error;
          throw error;
        }
      },
    },
  );
  try {
    for (;;) {
      const { values, done } = await process.ask(null);
      yield* values;
      if (done) return;
    }
  } catch (error) {
    const { message } = error as Error;
    if (error === supplyFault || message.startsWith(`${name}: `)) throw error;
    throw new Error(`${name}: cannot be read as Parquet: ${oneLine(message)}`, { cause: error });
  } finally {
    await process.close();
  }
}
