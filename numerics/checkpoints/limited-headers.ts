import { limited } from '../foreign/limited.ts';
import type { ByteSource } from './byte-source.ts';
import { readSafetensorsHeader } from './safetensors-source.ts';
import type { SafetensorsPlace } from './safetensors-source.ts';
import { readTorchHeader } from './torch-source.ts';
import type { TorchPlace } from './torch-source.ts';

type Readable = Pick<ByteSource, 'name' | 'size' | 'read'>;

interface Start {
  readonly name: string;
  readonly size: number;
}

const open = await limited('checkpoint-header', ({ name, size }: Start, supply) => {
  const bytes = { name, size, read: (begin: number, end: number) => supply([begin, end]) as Promise<Uint8Array> };
  return (format: 'safetensors' | 'torch'): Promise<unknown> =>
    format === 'torch' ? readTorchHeader(bytes) : readSafetensorsHeader(bytes);
});

/** Pickles, directories and headers together are smaller than this. */
const longestRange = 2 ** 25;

async function limitedHeader(bytes: Readable, format: 'safetensors' | 'torch'): Promise<unknown> {
  const { name, size } = bytes;
  const process = open(
    { name, size },
    {
      name,
      advice: 'it is no checkpoint, or damaged',
      supply: (range) => {
        const [begin, end] = range as [number, number];
        if (end - begin > longestRange)
          throw new Error(`${name}: a header of ${end - begin} bytes: expected at most ${longestRange}`);
        return bytes.read(begin, end);
      },
    },
  );
  try {
    return await process.ask(format);
  } finally {
    await process.close();
  }
}

/** `readSafetensorsHeader` in a limited process. */
export const limitedSafetensorsHeader = (bytes: Readable) =>
  limitedHeader(bytes, 'safetensors') as Promise<SafetensorsPlace[]>;

/** `readTorchHeader` in a limited process. */
export const limitedTorchHeader = (bytes: Readable) => limitedHeader(bytes, 'torch') as Promise<TorchPlace[]>;
