import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { parseForeignJson } from '../../../../numerics/foreign/json.ts';
import { limited } from '../../../../numerics/foreign/limited.ts';
import { splitLines } from './split-lines.ts';

const zstdBite = 2 ** 12;

type Chunks = AsyncIterable<Uint8Array>;

/** The rows of a file with a JSON object per line, compressed or not, as far as they are wanted. `name` ends in .json.gz or .jsonl.zst, for instance. */
export async function* jsonRows(name: string, compressed: Chunks): AsyncGenerator<Record<string, unknown>> {
  const bytes = name.endsWith('.gz')
    ? gunzip(name, compressed)
    : name.endsWith('.zst')
      ? unzstd(name, compressed)
      : compressed;
  let number = 0;
  for await (const line of splitLines(name, bytes)) {
    number++;
    if (line.trim() === '') continue;
    let row: unknown;
    try {
      row = parseForeignJson(line);
    } catch (error) {
      throw new Error(`${name}: line ${number}: ${(error as Error).message}`);
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new Error(`${name}: line ${number}: expected a JSON object`);
    yield row as Record<string, unknown>;
  }
}

interface Start {
  readonly name: string;
  readonly field: string;
}

/** Values and whether they are the last. */
export interface Values {
  readonly values: readonly unknown[];
  readonly done: boolean;
}

const open = await limited('json-lines', ({ name, field }: Start, supply) => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = (await supply(null)) as Uint8Array | null;
      if (chunk === null) return;
      yield chunk;
    }
  }
  async function* values(): AsyncGenerator<unknown> {
    for await (const row of jsonRows(name, chunks())) yield Object.hasOwn(row, field) ? row[field] : undefined;
  }
  return batches(values());
});

/** Values of a generator, a few at a time, since no more than are wanted should be fetched for. */
export function batches(values: AsyncIterator<unknown>): (_question: null) => Promise<Values> {
  return async () => {
    const batch: unknown[] = [];
    for (let size = 0; size < 2 ** 16 && batch.length < 100;) {
      const { value, done } = (await values.next()) as IteratorResult<unknown, void>;
      if (done) return { values: batch, done: true };
      batch.push(value);
      size += typeof value === 'string' ? value.length : 100;
    }
    return { values: batch, done: false };
  };
}

/**
 * The member `field` of each row of a file with a JSON object per line, compressed or not: decoded in a limited process,
 * as far as they are wanted. Throws an Error of one line that names the file and the line.
 */
export async function* jsonColumn(name: string, field: string, bytes: Chunks): AsyncGenerator<unknown> {
  const chunks = bytes[Symbol.asyncIterator]();
  const process = open(
    { name, field },
    {
      name,
      advice: 'a text in it is longer than those of data sets, or it is not what it says',
      megabytes: 512,
      supply: async () => {
        const next = await chunks.next();
        return next.done ? null : next.value;
      },
    },
  );
  try {
    for (;;) {
      const { values, done } = await process.ask(null);
      yield* values;
      if (done) return;
    }
  } finally {
    await process.close();
    await chunks.return?.();
  }
}

/** Output comes in pieces of a bounded size, however well the input was compressed. */
async function* gunzip(name: string, compressed: Chunks): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  const feeding = feed(compressed, stream);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
    await feeding;
  } catch (error) {
    // What broke the input matters more than that the output then ended.
    await feeding;
    throw new Error(`${name}: not a whole gzip file: ${(error as Error).message}`);
  } finally {
    stream.destroy();
    await feeding.catch(() => undefined);
  }
}

async function feed(compressed: Chunks, stream: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of compressed) {
      if (stream.destroyed) return;
      if (!stream.write(chunk))
        await new Promise<void>((resolve) => void stream.once('drain', resolve).once('close', resolve));
    }
    stream.end();
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

async function* unzstd(name: string, compressed: Chunks): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => void ready.push(chunk));
  const push = (chunk: Uint8Array, isLast: boolean): Uint8Array[] => {
    try {
      decoder.push(chunk, isLast);
    } catch (error) {
      throw new Error(`${name}: not a whole zstd file: ${(error as Error).message}`);
    }
    const made = ready;
    ready = [];
    return made;
  };
  // A block of a few bytes may stand for 128 KiB: small bites keep what comes of one bounded.
  for await (const chunk of compressed) {
    for (let at = 0; at < chunk.length; at += zstdBite) yield* push(chunk.subarray(at, at + zstdBite), false);
  }
  yield* push(new Uint8Array(0), true);
}
