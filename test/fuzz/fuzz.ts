import { mutated, randomBelow } from './mutate.ts';
import { readers } from './readers.ts';
import { openFuzzed } from './service.ts';
import type { Outcome } from './service.ts';

export interface Findings {
  readonly accepted: number;
  readonly refused: number;
  /** Ended by the limit of memory, in one line. */
  readonly limited: number;
  /** The most processor time that one file took. */
  readonly longestCpuSeconds: number;
  /** Processor time of all reads. */
  readonly cpuSeconds: number;
  /** What should not have been: a line each, with the bytes in base64. */
  readonly faults: readonly string[];
}

/** Limits of the product: heap, and twice as much in all. The time is long, so that a busy machine is no fault of a reader. */
const limits = { name: 'a file', megabytes: 224, seconds: 60, advice: 'it is fuzzed' };

/** What one file may take, of processor time. */
const mostCpuSeconds = 5;

/**
 * Reads files in one process for all readers, until one of them ends it: starting one takes as long as reading hundreds
 * of files. `directory`: where records that are read from files may be written.
 */
export class Fuzzer {
  readonly #directory: string;
  #process: ReturnType<typeof openFuzzed>;

  constructor(directory: string) {
    this.#directory = directory;
    this.#process = openFuzzed(directory, limits);
  }

  /** Throws what ended the process, which is another one then. */
  async #read(reader: string, bytes: Uint8Array): Promise<Outcome> {
    try {
      return await this.#process.ask({ reader, bytes });
    } catch (error) {
      await this.#process.close();
      this.#process = openFuzzed(this.#directory, limits);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#process.close();
  }

  /** Reads `count` mutations of the seeds of a reader, the same for the same seed. */
  async fuzz(reader: string, count: number, seed: number): Promise<Findings> {
    const random = randomBelow(seed);
    const seeds = await readers[reader]!.seeds();
    const faults: string[] = [];
    const found = { accepted: 0, refused: 0, limited: 0, longestCpuSeconds: 0, cpuSeconds: 0 };
    const valid: Outcome[] = [];
    for (const bytes of seeds) valid.push(await this.#read(reader, bytes));
    if (!valid.some(({ accepted }) => accepted)) faults.push(`${reader}: no seed is accepted: ${valid[0]!.message}`);
    for (let i = 0; i < count; i++) {
      const bytes = mutated(seeds, random);
      const fault = (what: string): void =>
        void faults.push(
          `${reader}: ${JSON.stringify(what.slice(0, 200))}: ${Buffer.from(bytes).toString('base64').slice(0, 2000)}`,
        );
      try {
        const { accepted, message, name, cpuSeconds } = await this.#read(reader, bytes);
        found[accepted ? 'accepted' : 'refused']++;
        found.cpuSeconds += cpuSeconds;
        found.longestCpuSeconds = Math.max(found.longestCpuSeconds, cpuSeconds);
        if (cpuSeconds > mostCpuSeconds) fault(`${cpuSeconds.toFixed(1)} s of processor time`);
        if (name === 'WronglyAccepted') fault(message);
        if (!accepted && (message === '' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(message))) fault(`message ${message}`);
      } catch (error) {
        // The limit of memory; anything else is a crash, or never ends.
        if (/of memory, the limit: it is fuzzed$/.test((error as Error).message)) found.limited++;
        else fault((error as Error).message);
      }
    }
    return { ...found, faults };
  }
}
