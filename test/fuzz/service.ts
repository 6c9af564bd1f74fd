import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { limited } from '../../numerics/foreign/limited.ts';
import { readers } from './readers.ts';

export interface Reading {
  readonly reader: string;
  readonly bytes: Uint8Array;
}

export interface Outcome {
  readonly accepted: boolean;
  /** Of the Error that refused it. */
  readonly message: string;
  readonly name: string;
}

/** Reads mutated files in a limited process, as the product does. */
export const openFuzzed = await limited(
  'fuzzed',
  (directory: string) =>
    async ({ reader, bytes }: Reading): Promise<Outcome> => {
      const place = join(directory, reader.replaceAll(/\W/g, '-'));
      mkdirSync(place, { recursive: true });
      try {
        await readers[reader]!.read(bytes, place);
        return { accepted: true, message: '', name: '' };
      } catch (error) {
        return { accepted: false, message: (error as Error).message, name: (error as Error).name };
      }
    },
);
