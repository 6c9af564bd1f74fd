import { parseSafetensorsHeader, safetensorsHeaderLength } from './safetensors.ts';
import { duplicateKey } from './duplicate-keys.ts';
import type { ByteSource } from './byte-source.ts';
import { placedTensors } from './tensor-source.ts';
import type { TensorSource } from './tensor-source.ts';

const lengthBytes = 8;

/**
 * A safetensors file whose bytes come from anywhere, not to be trusted: two reads, of the header's length and of the
 * header. Throws an Error, naming the file, for a header that does not describe every byte exactly once.
 */
export async function openSafetensors(bytes: ByteSource): Promise<TensorSource> {
  const refuse = (what: string): never => {
    throw new Error(`${bytes.name}: ${what}`);
  };
  if (bytes.size < lengthBytes) refuse(`safetensors: ${bytes.size} bytes: expected at least ${lengthBytes}`);
  try {
    const first = await bytes.read(0, lengthBytes);
    const headerLength = prefixed(bytes.name, () => safetensorsHeaderLength(first));
    const start = lengthBytes + headerLength;
    if (start > bytes.size)
      refuse(`safetensors: header of ${headerLength} bytes in a file of ${bytes.size}: the file is cut short`);
    const json = await bytes.read(lengthBytes, start);
    const { tensors } = prefixed(bytes.name, () => {
      const header = parseSafetensorsHeader(json, bytes.size - start);
      const twice = duplicateKey(new TextDecoder().decode(json));
      if (twice !== undefined) throw new Error(`safetensors: "${twice}" stands twice in the header`);
      return header;
    });
    const placements = Object.entries(tensors).map(([name, { dtype, shape, begin }]) => ({
      name,
      dtype,
      shape,
      locate: async () => start + begin,
    }));
    return placedTensors(bytes, placements);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** With the file's name, and in one line: the JSON parser quotes what it cannot read. */
function prefixed<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message.replace(/\s+/g, ' ')}`, { cause: error });
  }
}
