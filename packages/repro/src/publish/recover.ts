import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import { splitSection } from '../page/provenance-slot.ts';
import type { Publication } from '../pipeline.ts';
import type { Session } from '../session-parts.ts';
import type { BlobReference } from '../store/store.ts';
import { reportsWithout, sectionOf } from './sealed.ts';

/**
 * Takes bytes that a result came without from the published report, which holds what is published. Returns whether
 * they are in the store now.
 */
export function recoverFromReport({
  store,
  publication,
  reportDirectory,
}: Pick<Session, 'store' | 'publication' | 'reportDirectory'>): (blob: BlobReference) => boolean {
  let contents: Map<Digest, () => Uint8Array> | undefined;
  return ({ digest }) => {
    contents ??= publishedContents(reportDirectory, publication);
    const content = contents.get(digest)?.();
    if (!content || sha256(content) !== digest) return false;
    store.write(content);
    return true;
  };
}

/** Whether bytes are in the store, or in the published report, from where a run would take them. */
export function isAtHand({
  store,
  publication,
  reportDirectory,
}: Pick<Session, 'store' | 'publication' | 'reportDirectory'>): (blob: BlobReference) => boolean {
  let contents: Map<Digest, () => Uint8Array> | undefined;
  return (blob) =>
    store.verify(blob) !== 'absent' || (contents ??= publishedContents(reportDirectory, publication)).has(blob.digest);
}

function publishedContents(directory: string, { report, page }: Publication): Map<Digest, () => Uint8Array> {
  const contents = new Map<Digest, () => Uint8Array>();
  if (!existsSync(directory)) return contents;
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = join(directory, path);
    // An editor leaves links that lead nowhere.
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(file);
    contents.set(sha256(bytes), () => readFileSync(file));
    const name = path.replaceAll('\\', '/');
    if (name !== report && name !== page) continue;
    const text = bytes.toString('utf8');
    const own = name === page ? splitSection(text)?.page : undefined;
    if (own !== undefined) contents.set(sha256(own), () => Buffer.from(own));
    if (name !== report) continue;
    for (const own of reportsWithout(text, sectionOf(text) ?? '')) contents.set(sha256(own), () => Buffer.from(own));
  }
  return contents;
}
