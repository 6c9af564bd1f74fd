import { chmodSync, constants, copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../graph/digest.ts';
import { fileDigest, makeDirectory, statOrUndefined } from '../store/files.ts';

/**
 * Copies of the source files that the nodes of a run read, taken once and verified by digest: a file that changes while a
 * stage reads it can then not give the result of one content the key of another.
 */
export class Snapshots {
  readonly #directory: string;
  readonly #taken = new Map<Digest, string>();

  /** The directory is made when it is needed, and is gone once this is closed. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Path of a read-only copy of the file with the given content. `name`: the file's, for messages. Throws if it has another one. */
  take(file: string, digest: Digest, name: string): string {
    const path = join(this.#directory, digest);
    const known = this.#taken.get(digest);
    if (known !== undefined && known === fingerprint(path)) return path;
    makeDirectory(this.#directory);
    rmSync(path, { force: true });
    copyFileSync(file, path, constants.COPYFILE_FICLONE);
    chmodSync(path, 0o444);
    if (fileDigest(path) !== digest) throw new Error(`${name} changed since this run looked at it: run again`);
    this.#taken.set(digest, fingerprint(path)!);
    return path;
  }

  /** Whether a copy is no longer what it was when it was taken; false if none was. */
  isChanged(digest: Digest): boolean {
    const known = this.#taken.get(digest);
    return known !== undefined && known !== fingerprint(join(this.#directory, digest));
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function fingerprint(path: string): string | undefined {
  const stats = statOrUndefined(path);
  return stats && `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
}
