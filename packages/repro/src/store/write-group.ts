import { open } from 'node:fs/promises';
import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { flushDirectory } from './files.ts';

/** As many as Node has threads for files: the file system then writes many of them in one go. */
const atOnce = 4;

/**
 * Files that are complete under temporary names and are to be known under their own. They are flushed together, which
 * costs a tenth of flushing one by one, then renamed, and then their directories are flushed.
 */
export class WriteGroup {
  readonly #files: { readonly temporary: string; readonly path: string }[] = [];

  add(temporary: string, path: string): void {
    this.#files.push({ temporary, path });
  }

  async commit(): Promise<void> {
    const files = this.#files.splice(0);
    await flushFiles(files.map(({ temporary }) => temporary));
    for (const { temporary, path } of files) renameSync(temporary, path);
    for (const directory of new Set(files.map(({ path }) => dirname(path)))) flushDirectory(directory);
  }
}

/** Makes the content of files survive a power cut. */
async function flushFiles(paths: readonly string[]): Promise<void> {
  const waiting = [...paths];
  const work = async (): Promise<void> => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const file = await open(path, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
