import { limited, smallJson } from '../foreign/limited.ts';
import type { Limited } from '../foreign/limited.ts';
import type { ByteSource } from './byte-source.ts';
import { parseSafetensorsHeader } from './safetensors.ts';
import type { SafetensorsHeader } from './safetensors.ts';
import { readSafetensorsHeader } from './safetensors-source.ts';
import type { SafetensorsPlace } from './safetensors-source.ts';
import { readTorchHeader } from './torch-source.ts';
import type { TorchPlace } from './torch-source.ts';

type Readable = Pick<ByteSource, 'name' | 'size' | 'read'>;

const advice = 'it is no checkpoint, or damaged';

interface Header {
  readonly json: Uint8Array;
  readonly dataLength: number;
}

const openSafetensorsHeader = await limited('safetensors-header', (_start: null) => ({ json, dataLength }: Header) => {
  return parseSafetensorsHeader(json, dataLength);
});

const openTorchHeader = await limited('torch-header', ({ name, size }: Pick<Readable, 'name' | 'size'>, supply) => {
  const bytes = { name, size, read: (begin: number, end: number) => supply([begin, end]) as Promise<Uint8Array> };
  return (_question: null): Promise<TorchPlace[]> => readTorchHeader(bytes);
});

/** `readSafetensorsHeader`; what is not small is parsed in a limited process. */
export function limitedSafetensorsHeader(bytes: Readable): Promise<SafetensorsPlace[]> {
  const { name } = bytes;
  return readSafetensorsHeader(bytes, async (json, dataLength): Promise<SafetensorsHeader> => {
    if (json.length <= smallJson) return parseSafetensorsHeader(json, dataLength);
    return askOnce(openSafetensorsHeader(null, { name, advice }), { json, dataLength });
  });
}

/** Pickles and directories together are smaller than this. */
const longestRange = 2 ** 25;

/** `readTorchHeader` in a limited process. */
export function limitedTorchHeader(bytes: Readable): Promise<TorchPlace[]> {
  const { name, size } = bytes;
  const supply = async (range: unknown): Promise<Uint8Array> => {
    const [begin, end] = range as [number, number];
    if (end - begin > longestRange)
      throw new Error(`${name}: a header of ${end - begin} bytes: expected at most ${longestRange}`);
    return bytes.read(begin, end);
  };
  return askOnce(openTorchHeader({ name, size }, { name, advice, supply }), null);
}

async function askOnce<Question, Answer>(process: Limited<Question, Answer>, question: Question): Promise<Answer> {
  try {
    return await process.ask(question);
  } finally {
    await process.close();
  }
}
