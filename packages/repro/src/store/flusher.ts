import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flushDirectory } from './files.ts';

/** So many files are flushed in one go: the file system then writes most of them at once. */
const groupSize = 256;
const longestWaitMilliseconds = 250;
/** Fewer files are flushed one by one, which does not wait for what other programs write. */
const fewFiles = 16;
/** Node has four threads for files; one is left to others. */
const atOnce = 3;

/**
 * Files that are in their place and have yet to survive a power cut. They are flushed in groups, a moment later and beside
 * the run: a group is one flush of its file system where the system has one (`sync -f` of Linux), which costs as much as
 * flushing a few files one by one. What a power cut leaves of a file before that is found
 * when it is read: a blob counts as verified only once it is flushed, and a result that cannot be read is none.
 */
export class Flusher {
  /** Path -> what to do once the file is flushed. */
  #waiting = new Map<string, () => void>();
  #inFlight: ReadonlyMap<string, () => void> = new Map();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #error: unknown;
  #sync: string | undefined;

  /**
   * `sync`: a program that flushes whole file systems and waits for that, as `sync -f` of Linux does; that of other
   * systems may do neither, and say nothing.
   */
  constructor(sync = process.platform === 'linux' ? 'sync' : undefined) {
    this.#sync = sync;
  }

  /** Throws what went wrong with earlier files: a disk that fails is not written to any further. */
  add(path: string, flushed: () => void = () => undefined): void {
    this.#rethrow();
    this.#waiting.set(path, flushed);
    if (this.#waiting.size >= groupSize) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), longestWaitMilliseconds).unref();
  }

  /** Resolves when all files are flushed. Throws if one could not be. */
  async settle(): Promise<void> {
    for (this.#start(); this.#running; this.#start()) await this.#running;
    this.#rethrow();
  }

  /** As `settle`, for the end of a process. */
  settleSync(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const files = new Map([...this.#inFlight, ...this.#waiting]);
    this.#waiting.clear();
    if (this.#sync !== undefined && files.size >= fewFiles) {
      const { status } = spawnSync(this.#sync, syncArguments(directoriesOf(files)), { stdio: 'ignore' });
      if (status === 0) {
        for (const flushed of files.values()) flushed();
        this.#rethrow();
        return;
      }
    }
    for (const path of files.keys()) {
      const fd = openIfThere(path);
      if (fd === undefined) continue;
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }
    finish(files);
    this.#rethrow();
  }

  #start(): void {
    if (this.#running || this.#waiting.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#inFlight = this.#waiting;
    this.#waiting = new Map();
    this.#running = this.#flushGroup(this.#inFlight)
      .catch((error: unknown) => void (this.#error ??= error))
      .finally(() => {
        this.#inFlight = new Map();
        this.#running = undefined;
        if (this.#waiting.size >= groupSize) this.#start();
      });
  }

  async #flushGroup(files: ReadonlyMap<string, () => void>): Promise<void> {
    if (this.#sync !== undefined && files.size >= fewFiles) {
      if (await isFlushedBy(this.#sync, directoriesOf(files))) {
        for (const flushed of files.values()) flushed();
        return;
      }
      // Flushing one by one says what is wrong, where it is more than that there is no such program.
      this.#sync = undefined;
    }
    await flushAll(files);
  }

  #rethrow(): void {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error as Error;
  }
}

async function flushAll(files: ReadonlyMap<string, () => void>): Promise<void> {
  const paths = [...files.keys()];
  const work = async (): Promise<void> => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      try {
        const file = await open(path, 'r');
        try {
          await file.sync();
        } finally {
          await file.close();
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  finish(files);
}

function finish(files: ReadonlyMap<string, () => void>): void {
  for (const directory of directoriesOf(files)) flushDirectory(directory);
  for (const flushed of files.values()) flushed();
}

function directoriesOf(files: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...files.keys()].map((path) => dirname(path)))];
}

/** Whether a program flushed the file systems of directories, with all that lies there and its names. */
async function isFlushedBy(program: string, directories: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, syncArguments(directories), { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

function syncArguments(directories: readonly string[]): string[] {
  return ['-f', '--', ...directories];
}

/** One that was removed meanwhile, damaged or by a gc, needs no flushing. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
