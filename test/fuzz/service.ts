import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { limited } from '../../numerics/foreign/limited.ts';
import { readers } from './readers.ts';

export interface Reading {
  readonly reader: string;
  readonly files: readonly Uint8Array[];
}

export interface Outcome {
  readonly accepted: boolean;
  /** Of the Error that refused it. */
  readonly message: string;
  readonly name: string;
  /** Of all threads of the process, while it was read: what it takes on a machine that does nothing else. */
  readonly cpuSeconds: number;
}

/** Reads mutated files in a limited process, as the product reads those that are not small. */
export const openFuzzed = await limited(
  'fuzzed',
  (directory: string) =>
    async ({ reader, files }: Reading): Promise<Outcome[]> => {
      const place = join(directory, reader.replaceAll(/\W/g, '-'));
      mkdirSync(place, { recursive: true });
      const outcomes: Outcome[] = [];
      for (const bytes of files) outcomes.push(await read(reader, bytes, place));
      return outcomes;
    },
);

async function read(reader: string, bytes: Uint8Array, place: string): Promise<Outcome> {
  const before = process.cpuUsage();
  const cpuSeconds = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  try {
    await readers[reader]!.read(bytes, place);
    return { accepted: true, message: '', name: '', cpuSeconds: cpuSeconds() };
  } catch (error) {
    const { message, name } = error as Error;
    return { accepted: false, message, name, cpuSeconds: cpuSeconds() };
  }
}
