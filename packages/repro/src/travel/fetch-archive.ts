import { copyFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { download } from '../fetch-file/download.ts';
import { NotRun } from '../graph/context.ts';
import type { PublishedArchive } from '../params/load.ts';
import { fileDigest, temporaryPath } from '../store/files.ts';
import type { Store } from '../store/store.ts';

/**
 * Calls `use` with a file that holds the published archive of a set, by its digest, and removes it after that. Throws an
 * InputError if it cannot be had, or is not the archive that the set names.
 */
export async function withArchive<T>(
  store: Store,
  root: string,
  { url, sha256 }: PublishedArchive,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const partial = temporaryPath(join(store.directory, 'tmp'));
  try {
    if (/^https?:\/\//.test(url)) await download({ url, sha256, partial, signal: new AbortController().signal });
    else copyOf(resolve(root, url), url, sha256, partial);
    return await use(partial);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const isDownload = error instanceof NotRun || (error as Error).message.startsWith(url);
    if (!isDownload) throw error;
    const { message } = error as Error;
    throw new InputError(`${message.startsWith(url) ? '' : `${url}: `}${message}: nothing was imported`);
  } finally {
    rmSync(partial, { force: true });
  }
}

function copyOf(path: string, url: string, sha256: string, target: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new InputError(`${url}: no such file: expected the archive of the set`);
  copyFileSync(path, target);
  const digest = fileDigest(target);
  if (digest !== sha256)
    throw new InputError(`${url}: sha256 ${digest}: expected ${sha256}: it is another archive: nothing was imported`);
}
