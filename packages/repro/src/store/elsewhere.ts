import { appendFileSync, existsSync } from 'node:fs';
import { asDigest } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import { writeAtomically, readText } from './files.ts';

/**
 * Blobs that this store knows of and does not hold, because their results came without bytes: a line each in the file
 * `elsewhere`. A result whose blobs are elsewhere is a result; one whose blobs are simply not there is damaged.
 */
export class Elsewhere {
  readonly #path: string;
  #digests: Set<Digest> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  has(digest: Digest): boolean {
    return this.#read().has(digest);
  }

  add(digests: Iterable<Digest>): void {
    const known = this.#read();
    const added = [...new Set(digests)].filter((digest) => !known.has(digest));
    if (added.length === 0) return;
    // The line before may have been cut off.
    appendFileSync(this.#path, `\n${added.join('\n')}\n`, { flush: true });
    for (const digest of added) known.add(digest);
  }

  /** Forgets all others. */
  keep(referenced: Pick<ReadonlySet<Digest>, 'has'>): void {
    if (!existsSync(this.#path)) return;
    this.#digests = new Set([...this.#read()].filter((digest) => referenced.has(digest)));
    writeAtomically(this.#path, [...this.#digests].map((digest) => `${digest}\n`).join(''));
  }

  #read(): Set<Digest> {
    if (this.#digests) return this.#digests;
    const text = existsSync(this.#path) ? readText(this.#path) : '';
    return (this.#digests = new Set(text.split('\n').flatMap((line) => asDigest(line) ?? [])));
  }
}
