import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { asDigest, asKey, sha256 } from '../graph/digest.ts';
import type { Digest, Key } from '../graph/digest.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import { InputError } from '../errors.ts';
import { pathOf, reason } from '../system-error.mjs';
import type { ActionResult, BlobReference } from './action-result.ts';
import { BlobIndex } from './blob-index.ts';
import { Elsewhere } from './elsewhere.ts';
import { fileDigest, readOrdinary, readOrdinaryText, replaceFile, statOrUndefined } from './files.ts';
import { Flusher } from './flusher.ts';
import { makeStore, refuseForeign, storeState } from './layout.ts';
import { ResultIndex } from './result-index.ts';
import { outputPath, parseActionResult, parseJsonText, tracePath } from './records.ts';

export type { ActionResult, BlobReference } from './action-result.ts';

/** A blob whose bytes are not what its name says; it has been removed, so what made it will run again. */
export interface Damage {
  readonly digest: Digest;
  readonly path: string;
  readonly found: Digest;
}

/**
 * - `create`: makes a store of an absent or empty directory.
 * - `existing`: there must be one.
 * - `look`: where there is none, an empty one is seen, and nothing is made.
 */
export type OpenMode = 'create' | 'existing' | 'look';

/**
 * The content-addressed store: `cas/<sha256>` and `ac/<sha256 of the key>`, the layout of Bazel's HTTP cache, with
 * an `ac` body that is a REAPI ActionResult in JSON whose output files include our trace. A result is recorded after
 * all its blobs, every write is a rename, and what a power cut may leave of it is found when it is read, so that nothing
 * half-written can be a hit.
 */
export class Store {
  readonly directory: string;
  readonly index: BlobIndex;
  /** Blobs of results that came without bytes. */
  readonly elsewhere: Elsewhere;
  readonly damaged: Damage[] = [];
  /** Nothing can be written: the directory is another user's, lies on a read-only file system, or is not there. */
  readonly readOnly: boolean;
  readonly #resultIndex: ResultIndex;
  readonly #flusher = new Flusher();
  readonly #blobs: string;
  readonly #results: string;

  /** Throws an InputError if the path cannot hold a store, or holds something else. */
  constructor(directory: string, mode: OpenMode = 'create') {
    this.directory = directory;
    this.#blobs = join(directory, 'cas') + sep;
    this.#results = join(directory, 'ac') + sep;
    try {
      const state = storeState(directory);
      if (state === 'foreign') refuseForeign(directory);
      if (state === 'none' && mode === 'existing')
        throw new InputError(`store ${directory}: no store is there: expected the directory that runs keep results in`);
      this.readOnly = state === 'store' ? !isWritable(directory) : mode === 'look';
      if (!this.readOnly && mode !== 'look') makeStore(directory);
    } catch (error) {
      if (error instanceof InputError) throw error;
      const path = pathOf(error);
      const inside = path?.startsWith(directory + sep) ? `: ${relative(directory, path)}` : '';
      throw new InputError(
        `store ${directory}${inside}: ${reason(error)}: expected a directory that can be written to`,
      );
    }
    this.index = new BlobIndex(join(directory, 'blob-index'), this.readOnly);
    this.#resultIndex = new ResultIndex(directory, this.readOnly);
    this.elsewhere = new Elsewhere(join(directory, 'elsewhere'));
  }

  blobPath(digest: Digest): string {
    return this.#blobs + digest;
  }

  /**
   * The recorded result of a key if it has the outputs named and all are intact, here or, unless their bytes are
   * needed, elsewhere; else undefined and why.
   */
  lookup(
    key: Key,
    names: readonly string[] = [],
    needsBytes = false,
  ): { result: ActionResult } | { result: undefined; why: 'absent' | 'damaged' | 'incomplete' } {
    const known = this.#resultIndex.get(key);
    if (known && this.#lackOf(known, names, needsBytes) === undefined) return { result: known };
    const result = this.#readNoted(key, known !== undefined);
    if (!result) return { result: undefined, why: 'absent' };
    const why = this.#lackOf(result, names, needsBytes);
    return why === undefined ? { result } : { result: undefined, why };
  }

  /** Why a result is not to be used; undefined if it is. */
  #lackOf(result: ActionResult, names: readonly string[], needsBytes: boolean): 'damaged' | 'incomplete' | undefined {
    if (!names.every((name) => Object.hasOwn(result.outputs, name))) return 'incomplete';
    for (const name in result.outputs) {
      const blob = result.outputs[name]!;
      const state = this.verify(blob);
      if (state === 'absent' && !needsBytes && this.elsewhere.has(blob.digest)) continue;
      if (state !== 'intact') return state === 'damaged' ? 'damaged' : 'incomplete';
    }
    return undefined;
  }

  /** As `readResult`, without opening its file where all results are known to be as they were. */
  knownResult(key: Key): ActionResult | undefined {
    return this.#resultIndex.get(key) ?? this.#readNoted(key);
  }

  #readNoted(key: Key, isNoted = false): ActionResult | undefined {
    const result = this.readResult(key);
    if (result && !isNoted) this.#resultIndex.add(key, result);
    return result;
  }

  /** The `ac` entry as it is, its blobs unseen. A damaged entry is no entry. */
  readResult(key: Key): ActionResult | undefined {
    const text = readOrdinaryText(this.#results + key);
    return text === undefined ? undefined : parseActionResult(text);
  }

  /**
   * Rehashes a blob only if its size or times are not those it was last verified with. Removes a damaged one. A blob
   * that is right but not of the size referred to means that the reference is damaged.
   */
  verify({ digest, size }: BlobReference): 'intact' | 'absent' | 'damaged' {
    const path = this.blobPath(digest);
    const stats = statOrUndefined(path);
    if (!stats) return 'absent';
    if (stats.size === size && this.index.isUnchanged(digest, stats)) return 'intact';
    const state = this.rehash(digest);
    return state === 'intact' && stats.size !== size ? 'damaged' : state;
  }

  /** Whether a blob is there and, as far as size and times can say or else by its digest, what it was. */
  holds(digest: Digest): boolean {
    const stats = statOrUndefined(this.blobPath(digest));
    return stats !== undefined && (this.index.isUnchanged(digest, stats) || this.rehash(digest) === 'intact');
  }

  rehash(digest: Digest): 'intact' | 'damaged' {
    const path = this.blobPath(digest);
    const isFile = statOrUndefined(path)?.isFile() !== false;
    const found = isFile ? fileDigest(path) : sha256('');
    if (isFile && found === digest) {
      this.#rememberLater(digest, path);
      return 'intact';
    }
    this.damaged.push({ digest, path, found });
    this.index.forget(digest);
    if (!this.readOnly) rmSync(path, { force: true, recursive: true });
    return 'damaged';
  }

  /** Remembers a blob that was verified before it got its name. */
  remember(digest: Digest): void {
    this.index.remember(digest, statSync(this.blobPath(digest)));
  }

  /** Moves a finished file into the store. */
  ingest(file: string): BlobReference {
    if (statSync(file).nlink > 1) unshare(file);
    // A stage that copied an input left it read-only, as blobs are.
    if ((statSync(file).mode & 0o600) !== 0o600) chmodSync(file, 0o644);
    const digest = fileDigest(file);
    const path = this.blobPath(digest);
    const { size } = statSync(file);
    if (this.verify({ digest, size }) === 'intact') {
      rmSync(file);
      return { digest, size };
    }
    chmodSync(file, 0o444);
    renameSync(file, path);
    this.#rememberLater(digest, path);
    return { digest, size };
  }

  write(content: string | Uint8Array): BlobReference {
    const reference = { digest: sha256(content), size: Buffer.byteLength(content) };
    if (this.verify(reference) === 'intact') return reference;
    const path = this.blobPath(reference.digest);
    replaceFile(path, content, join(this.directory, 'tmp'), 0o444);
    this.#rememberLater(reference.digest, path);
    return reference;
  }

  /** Reads a blob, always verified. */
  read(reference: BlobReference): Uint8Array | undefined {
    const path = this.blobPath(reference.digest);
    if (!existsSync(path)) return undefined;
    const content = readOrdinary(path) ?? Buffer.of();
    if (sha256(content) === reference.digest) return content;
    this.rehash(reference.digest);
    return undefined;
  }

  record(key: Key, extensions: Readonly<Record<string, string>>, result: ActionResult): void {
    const body = serializeActionResult(extensions, result);
    const path = join(this.directory, 'ac', key);
    this.#resultIndex.forget();
    replaceFile(path, body, join(this.directory, 'tmp'), 0o444);
    this.#resultIndex.forget();
    this.#flusher.add(path);
  }

  forgetResult(key: Key): void {
    this.#resultIndex.forget();
    rmSync(join(this.directory, 'ac', key), { force: true });
    this.#resultIndex.forget();
  }

  keys(): Key[] {
    return namesIn(join(this.directory, 'ac')).flatMap((name) => asKey(name) ?? []);
  }

  blobs(): Digest[] {
    return namesIn(join(this.directory, 'cas')).flatMap((name) => asDigest(name) ?? []);
  }

  /** The directory in which a node may keep checkpoints, and leaves its outputs; keyed like the node. */
  scratchDirectory(key: Key): string {
    return join(this.directory, 'scratch', key);
  }

  /** Where what the last job of a key printed is kept, if it printed anything. */
  logPath(key: string): string {
    return join(this.directory, 'logs', key);
  }

  /** Resolves when all that was written would survive a power cut. */
  settle(): Promise<void> {
    return this.#flusher.settle();
  }

  close(): void {
    this.#flusher.settleSync();
    this.index.save();
    this.#resultIndex.save();
  }

  /** A blob is known to be right at once, and to the next process once it is flushed. */
  #rememberLater(digest: Digest, path: string): void {
    this.index.remember(digest, statSync(path), true);
    if (this.readOnly) this.index.release(digest);
    else this.#flusher.add(path, () => this.index.release(digest));
  }
}

/** The value that a JSON blob holds; undefined if the blob is not there or damaged, or holds no JSON. */
export function readJsonBlob(store: Pick<Store, 'read'>, reference: BlobReference): unknown {
  const bytes = store.read(reference);
  return bytes && parseJsonText(Buffer.from(bytes).toString('utf8'));
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function serializeActionResult(extensions: Readonly<Record<string, string>>, { outputs, trace }: ActionResult): string {
  const files = Object.entries(outputs).map(([name, blob]) => outputFile(outputPath(name, extensions[name]!), blob));
  return canonicalJson({ exitCode: 0, outputFiles: [...files, outputFile(tracePath, trace)] });
}

/** Of a file with several names, makes one of its own: through the others it could be changed, and they would become read-only. */
function unshare(file: string): void {
  const copy = `${file}.own`;
  copyFileSync(file, copy, constants.COPYFILE_FICLONE);
  renameSync(copy, file);
}

function outputFile(path: string, { digest, size }: BlobReference): object {
  return { path, digest: { hash: digest, sizeBytes: String(size) } };
}
