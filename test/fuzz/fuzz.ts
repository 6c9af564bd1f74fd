import { mutated, randomBelow } from './mutate.ts';
import { readers } from './readers.ts';
import { openFuzzed } from './service.ts';
import type { Outcome } from './service.ts';

export interface Findings {
  readonly accepted: number;
  readonly refused: number;
  /** Ended by the limit of memory or of time, in one line. */
  readonly limited: number;
  readonly longestMilliseconds: number;
  /** What should not have been: a line each, with the bytes in base64. */
  readonly faults: readonly string[];
}

/** Limits of the product, but 5 s for each: heap, and twice as much in all. */
const limits = { megabytes: 224, seconds: 5, advice: 'it is fuzzed' };

/** Reads `count` mutations of the seeds of a reader, the same for the same seed. */
export async function fuzz(reader: string, count: number, seed: number, directory: string): Promise<Findings> {
  const random = randomBelow(seed);
  const seeds = await readers[reader]!.seeds();
  const faults: string[] = [];
  const found = { accepted: 0, refused: 0, limited: 0, longestMilliseconds: 0 };
  let process = openFuzzed(directory, { name: reader, ...limits });
  const valid: Outcome[] = [];
  for (const bytes of seeds) valid.push(await process.ask({ reader, bytes }));
  if (!valid.some(({ accepted }) => accepted)) faults.push(`${reader}: no seed is accepted: ${valid[0]!.message}`);
  for (let i = 0; i < count; i++) {
    const bytes = mutated(seeds, random);
    const started = performance.now();
    const fault = (what: string): void =>
      void faults.push(
        `${reader}: ${JSON.stringify(what.slice(0, 200))}: ${Buffer.from(bytes).toString('base64').slice(0, 2000)}`,
      );
    try {
      const { accepted, message, name } = await process.ask({ reader, bytes });
      found[accepted ? 'accepted' : 'refused']++;
      if (name === 'WronglyAccepted') fault(message);
      if (!accepted && (message === '' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(message))) fault(`message ${message}`);
    } catch (error) {
      // A limit that was reached; anything else is a crash.
      if (/, the limit: it is fuzzed$/.test((error as Error).message)) found.limited++;
      else fault((error as Error).message);
      await process.close();
      process = openFuzzed(directory, { name: reader, ...limits });
    }
    found.longestMilliseconds = Math.max(found.longestMilliseconds, performance.now() - started);
  }
  await process.close();
  return { ...found, faults };
}
