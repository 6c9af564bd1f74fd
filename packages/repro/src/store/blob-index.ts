import { appendFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { isStorageFailure } from '../errors.ts';
import { readOrdinaryText, writeAtomically } from './files.ts';

/**
 * What each verified blob looked like when its digest was last known to be right, so that a hit costs one stat.
 * A text file that is only appended to; later lines win. Losing it costs rehashing, nothing else.
 */
export class BlobIndex {
  readonly #path: string;
  readonly #known = new Map<string, string>();
  /** Known here, and not to be known to others yet. */
  readonly #held = new Set<string>();
  #unsaved: string[] = [];
  #lines = 0;

  readonly #readOnly: boolean;

  constructor(path: string, readOnly = false) {
    this.#path = path;
    this.#readOnly = readOnly;
    const text = readOrdinaryText(path) ?? '';
    for (let start = 0; start < text.length;) {
      let end = text.indexOf('\n', start);
      if (end < 0) end = text.length;
      if (end - start > 66 && text[start + 64] === ' ')
        this.#known.set(text.slice(start, start + 64), text.slice(start + 65, end));
      this.#lines++;
      start = end + 1;
    }
  }

  isUnchanged(digest: string, stats: Stats): boolean {
    return this.#known.get(digest) === fingerprint(stats);
  }

  /** `hold`: not written to the file before it is released. */
  remember(digest: string, stats: Stats, hold = false): void {
    const value = fingerprint(stats);
    if (this.#known.get(digest) === value) return;
    this.#known.set(digest, value);
    this.#held.add(digest);
    if (!hold) this.release(digest);
  }

  release(digest: string): void {
    const value = this.#known.get(digest);
    if (!this.#held.delete(digest) || value === undefined) return;
    this.#unsaved.push(`${digest} ${value}\n`);
    if (this.#unsaved.length >= 256) this.save();
  }

  forget(digest: string): void {
    this.#known.delete(digest);
    this.#held.delete(digest);
  }

  /** Appends what is new. Where that fails, say on a full disk or in a store of someone else, the next run hashes again. */
  save(): void {
    if (this.#unsaved.length === 0 || this.#readOnly) return;
    const text = this.#unsaved.join('');
    this.#lines += this.#unsaved.length;
    this.#unsaved = [];
    try {
      if (this.#lines > 1000 && this.#lines > 2 * this.#known.size) this.compact();
      else appendFileSync(this.#path, text);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!isStorageFailure(error) && code !== 'EACCES' && code !== 'EPERM') throw error;
    }
  }

  /** Writes the file anew without what was forgotten. */
  compact(): void {
    const lines = [...this.#known].flatMap(([digest, value]) => (this.#held.has(digest) ? [] : `${digest} ${value}\n`));
    writeAtomically(this.#path, lines.join(''));
    this.#lines = lines.length;
    this.#unsaved = [];
  }
}

/** The change time too: a program can set the modification time back, but not that. */
function fingerprint(stats: Stats): string {
  return `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
}
