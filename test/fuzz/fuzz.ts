import { mutated, randomBelow } from './mutate.ts';
import { readers } from './readers.ts';
import { openFuzzed } from './service.ts';
import type { Outcome } from './service.ts';

export interface Findings {
  readonly accepted: number;
  readonly refused: number;
  /** Ended by the limit of memory, in one line; or by that of time, where the product has one of 5 s. */
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

/**
 * Readers of which it is known that some files never end, and that the product ends then: the library that reads Parquet
 * begins the column again, for ever, where a page has no size (see `parquetColumn`).
 */
const endedByDeadline: ReadonlySet<string> = new Set(['parquet']);

/** That are read for one question: asking takes longer than reading. */
const filesAtOnce = 50;

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

  /** What became of each file; an Error where it ended the process, which is another one then. */
  async #read(reader: string, files: readonly Uint8Array[]): Promise<(Outcome | Error)[]> {
    try {
      return await this.#process.ask({ reader, files });
    } catch (error) {
      await this.#process.close();
      this.#process = openFuzzed(this.#directory, limits);
      if (files.length === 1) return [error as Error];
    }
    // One of them did it.
    const outcomes: (Outcome | Error)[] = [];
    for (const file of files) outcomes.push(...(await this.#read(reader, [file])));
    return outcomes;
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
    const valid = await this.#read(reader, seeds);
    if (!valid.some((outcome) => 'accepted' in outcome && outcome.accepted))
      faults.push(`${reader}: no seed is accepted: ${valid[0]!.message}`);
    for (let done = 0; done < count; done += filesAtOnce) {
      const files = Array.from({ length: Math.min(filesAtOnce, count - done) }, () => mutated(seeds, random));
      for (const [i, outcome] of (await this.#read(reader, files)).entries()) judge(files[i]!, outcome);
    }
    return { ...found, faults };

    function judge(bytes: Uint8Array, outcome: Outcome | Error): void {
      const fault = (what: string): void =>
        void faults.push(
          `${reader}: ${JSON.stringify(what.slice(0, 200))}: ${Buffer.from(bytes).toString('base64').slice(0, 2000)}`,
        );
      if (outcome instanceof Error) {
        // A limit that was reached; anything else is a crash.
        const late = / s, the limit: it is fuzzed$/.test(outcome.message);
        if ((late && endedByDeadline.has(reader)) || /of memory, the limit: it is fuzzed$/.test(outcome.message))
          found.limited++;
        else fault(outcome.message);
        return;
      }
      const { accepted, message, name, cpuSeconds } = outcome;
      found[accepted ? 'accepted' : 'refused']++;
      found.cpuSeconds += cpuSeconds;
      found.longestCpuSeconds = Math.max(found.longestCpuSeconds, cpuSeconds);
      if (cpuSeconds > mostCpuSeconds) fault(`${cpuSeconds.toFixed(1)} s of processor time`);
      if (name === 'WronglyAccepted') fault(message);
      if (!accepted && (message === '' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(message))) fault(`message ${message}`);
    }
  }
}
