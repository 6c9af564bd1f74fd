import { parseSafetensorsHeader, safetensorsHeaderLength } from './safetensors.ts';
import type { SafetensorsHeader } from './safetensors.ts';
import type { ByteSource } from './byte-source.ts';
import { placedTensors } from './tensor-source.ts';
import type { TensorEntry, TensorSource } from './tensor-source.ts';

const lengthBytes = 8;

/** A tensor of a safetensors file, and where its bytes begin in the file. */
export interface SafetensorsPlace extends TensorEntry {
  readonly begin: number;
}

/**
 * The tensors of a safetensors file, not to be trusted: two reads, of the header's length and of the header. Throws an
 * Error, naming the file, for a header that does not describe every byte exactly once. `parse`: parseSafetensorsHeader.
 */
export async function readSafetensorsHeader(
  bytes: Pick<ByteSource, 'name' | 'size' | 'read'>,
  parse: (json: Uint8Array, dataLength: number) => Promise<SafetensorsHeader> = async (json, dataLength) =>
    parseSafetensorsHeader(json, dataLength),
): Promise<SafetensorsPlace[]> {
  const refuse = (what: string): never => {
    throw new Error(`${bytes.name}: ${what}`);
  };
  if (bytes.size < lengthBytes) refuse(`safetensors: ${bytes.size} bytes: expected at least ${lengthBytes}`);
  const first = await bytes.read(0, lengthBytes);
  const headerLength = await prefixed(bytes.name, async () => safetensorsHeaderLength(first));
  const start = lengthBytes + headerLength;
  if (start > bytes.size)
    refuse(`safetensors: header of ${headerLength} bytes in a file of ${bytes.size}: the file is cut short`);
  const json = await bytes.read(lengthBytes, start);
  const { tensors } = await prefixed(bytes.name, () => parse(json, bytes.size - start));
  return Object.entries(tensors).map(([name, { dtype, shape, begin }]) => ({
    name,
    dtype,
    shape,
    begin: start + begin,
  }));
}

/** A safetensors file whose bytes come from anywhere. `header` reads what is in it: by default in this process. */
export async function openSafetensors(bytes: ByteSource, header = readSafetensorsHeader): Promise<TensorSource> {
  try {
    const places = await header(bytes);
    return placedTensors(
      bytes,
      places.map(({ begin, ...entry }) => ({ ...entry, locate: async () => begin })),
    );
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** With the file's name, and in one line: the JSON parser quotes what it cannot read. */
async function prefixed<T>(name: string, parse: () => Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(message.startsWith(`${name}: `) ? message : `${name}: ${message}`, { cause: error });
  }
}
