import { join } from 'node:path';
import { isStorageFailure } from '../errors.ts';
import { sha256 } from '../graph/digest.ts';
import type { Digest, Key } from '../graph/digest.ts';
import type { ActionResult, BlobReference } from './action-result.ts';
import { readOrdinary, replaceFile, statOrUndefined } from './files.ts';

/** Changes whenever the form of the file does. */
const format = 'repro results 1';
/** Fewer are read one by one. */
const defaultFewest = 1000;
/** So long is the folder taken to be as it was last seen: a hundredth of what a run waits before it looks again. */
const heldMilliseconds = 10;
/** Longer than a tick of the clock of any file system: a folder that changed so recently may change again unseen. */
const defaultTick = 2_100;

/**
 * What all results say, in one file, so that a verb that looks at all nodes need not open a file for each. It holds only
 * while the folder of the results is as it was when they were read: results are never edited, only added, replaced and
 * removed, each of which changes their folder. The file's first line has the folder's look and a digest of the rest;
 * whatever does not fit exactly is not used. Absence is never answered from here. Losing the file costs reading, nothing else.
 */
export class ResultIndex {
  readonly #path: string;
  readonly #folder: string;
  readonly #temporary: string;
  readonly #readOnly: boolean;
  /** What the folder looked like when all of this was found; undefined before, and after a change of our own. */
  #look: string | undefined;
  /** Whether a later change would give it another look. */
  #isSettled = false;
  #lastSeen = -Infinity;
  #isLoaded = false;
  /** Lines of the file. */
  readonly #known = new Map<string, string>();
  /** Lines of results that were read one by one, since the folder looks as it does. */
  readonly #read = new Map<string, string>();

  readonly #fewest: number;
  readonly #tickMilliseconds: number;

  /** `fewest`, `tickMilliseconds`: for tests. */
  constructor(
    directory: string,
    readOnly: boolean,
    { fewest = defaultFewest, tickMilliseconds = defaultTick }: { fewest?: number; tickMilliseconds?: number } = {},
  ) {
    this.#fewest = fewest;
    this.#tickMilliseconds = tickMilliseconds;
    this.#path = join(directory, 'result-index');
    this.#folder = join(directory, 'ac');
    this.#temporary = join(directory, 'tmp');
    this.#readOnly = readOnly;
  }

  get(key: Key): ActionResult | undefined {
    this.#update();
    const line = this.#known.get(key);
    return line === undefined ? undefined : resultOf(line);
  }

  /** Takes note of a result that was just read from its file, after `get` had none. */
  add(key: Key, result: ActionResult): void {
    this.#read.set(key, lineOf(result));
  }

  /** To be called before and after a change to the folder. */
  forget(): void {
    this.#look = undefined;
    this.#lastSeen = -Infinity;
    this.#known.clear();
    this.#read.clear();
  }

  /** Writes the file anew where much of it is missing. Where that fails, the next verb reads the results one by one. */
  save(): void {
    if (this.#readOnly || this.#read.size < this.#fewest || 8 * this.#read.size < this.#known.size) return;
    const look = this.#look;
    this.#lastSeen = -Infinity;
    this.#update();
    if (look === undefined || look !== this.#look || !this.#isSettled) return;
    const lines = [...this.#known, ...this.#read].map(([key, line]) => `${key} ${line}\n`);
    const body = Buffer.from(lines.join(''), 'latin1');
    try {
      const header = Buffer.from(`${format} ${look} ${sha256(body)}\n`);
      replaceFile(this.#path, Buffer.concat([header, body]), this.#temporary, 0o644);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!isStorageFailure(error) && code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT') throw error;
    }
  }

  /** Looks at the folder, unless that was a moment ago, and drops everything where it has changed. */
  #update(): void {
    const now = performance.now();
    if (now - this.#lastSeen < heldMilliseconds) return;
    this.#lastSeen = now;
    const stats = statOrUndefined(this.#folder);
    const look = stats && `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
    if (look !== undefined && look === this.#look) return;
    this.#known.clear();
    this.#read.clear();
    this.#look = look;
    this.#isSettled =
      stats !== undefined && Math.max(stats.mtimeMs, stats.ctimeMs) < Date.now() - this.#tickMilliseconds;
    if (!this.#isLoaded && look !== undefined) this.#load(look);
    this.#isLoaded = true;
  }

  #load(look: string): void {
    const content = readOrdinary(this.#path);
    if (!content) return;
    const end = content.indexOf(10) + 1;
    const body = content.subarray(end);
    if (content.toString('latin1', 0, end) !== `${format} ${look} ${sha256(body)}\n`) return;
    const text = body.toString('latin1');
    for (let start = 0; start < text.length;) {
      const next = text.indexOf('\n', start);
      this.#known.set(text.slice(start, start + 64), text.slice(start + 65, next));
      start = next + 1;
    }
  }
}

/** Digest and size of the trace, then name, digest and size of each output. */
function lineOf({ outputs, trace }: ActionResult): string {
  const parts: (string | number)[] = [trace.digest, trace.size];
  for (const name in outputs) parts.push(encodeURIComponent(name), outputs[name]!.digest, outputs[name]!.size);
  return parts.join(' ');
}

function resultOf(line: string): ActionResult {
  const parts = line.split(' ');
  const isEncoded = line.includes('%');
  const reference = (at: number): BlobReference => ({ digest: parts[at] as Digest, size: Number(parts[at + 1]) });
  const outputs: Record<string, BlobReference> = {};
  for (let i = 2; i < parts.length; i += 3)
    outputs[isEncoded ? decodeURIComponent(parts[i]!) : parts[i]!] = reference(i + 1);
  return { outputs, trace: reference(0) };
}
