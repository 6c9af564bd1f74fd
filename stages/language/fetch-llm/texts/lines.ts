import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { HubError } from '../hub/errors.ts';
import { splitLines } from './split-lines.ts';

const zstdBite = 2 ** 12;

type Chunks = AsyncIterable<Uint8Array>;

/** The rows of a compressed file with a JSON object per line, as far as they are wanted. `name` ends in .json.gz or .jsonl.zst, for instance. */
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
      row = JSON.parse(line);
    } catch (error) {
      throw new HubError(`${name}: line ${number}: not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`);
    }
    if (typeof row !== 'object' || row === null) throw new HubError(`${name}: line ${number}: expected a JSON object`);
    yield row as Record<string, unknown>;
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
    throw new HubError(`${name}: not a whole gzip file: ${(error as Error).message}`);
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
      throw new HubError(`${name}: not a whole zstd file: ${(error as Error).message}`);
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
