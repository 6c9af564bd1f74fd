import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import * as zlib from 'node:zlib';
import { InputError } from '../errors.ts';
import { asDigest, asKey } from '../graph/digest.ts';
import type { Digest, Key } from '../graph/digest.ts';
import { readTrace } from '../plan/trace.ts';
import { makeDirectory, temporaryPath } from '../store/files.ts';
import { parseActionResult } from '../store/records.ts';
import type { ActionResult, Store } from '../store/store.ts';
import { WriteGroup } from '../store/write-group.ts';
import { elsewhereName, manifestName, parseManifest } from './archive.ts';
import type { ArchiveManifest } from './archive.ts';
import { misfit } from './result-check.ts';
import { readTar } from './tar.ts';
import type { TarFile } from './tar.ts';

export interface Imported {
  readonly keys: readonly Key[];
  /** Of these, how many the store had already. */
  readonly known: number;
  /** Nodes of these for which the store has other bytes under the same key: its result stays. */
  readonly contradictory: readonly string[];
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs that results name and the archive leaves out. */
  readonly elsewhere: number;
}

/** The largest `ac` entry, manifest or list that is read into memory. */
const largestRecord = 64 << 20;

/**
 * Takes the results of an archive, a file or a folder, into a store. Blobs are hashed, and results compared with their traces and their keys
 * computed again, before anything is recorded; results are recorded last. Killed at any moment it leaves at most blobs
 * that no result names. `name`: what messages call it. Throws an InputError, with nothing recorded, if anything is not as it should be.
 */
export async function importArchive(store: Store, path: string, name = path): Promise<Imported> {
  const staging = join(store.directory, 'tmp', `import-${process.pid}-${Date.now().toString(16).slice(-8)}`);
  makeDirectory(staging);
  try {
    const found = await stage(store, path, staging);
    return await takeIn(store, name, found);
  } catch (error) {
    if (error instanceof InputError || typeof (error as NodeJS.ErrnoException).syscall === 'string') throw error;
    throw new InputError(`${name}: ${(error as Error).message}: expected an archive that \`repro export\` wrote`);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

interface Staged {
  /** Blob -> the file that holds it, complete and hashed. */
  readonly blobs: ReadonlyMap<Digest, string>;
  readonly bytes: number;
  readonly elsewhere: ReadonlySet<Digest>;
  readonly results: ReadonlyMap<Key, { readonly text: string; readonly result: ActionResult }>;
}

async function stage(store: Store, path: string, staging: string): Promise<Staged> {
  const blobs = new Map<Digest, string>();
  const results = new Map<Key, { text: string; result: ActionResult }>();
  const elsewhere = new Set<Digest>();
  let manifest: ArchiveManifest | undefined;
  let bytes = 0;
  const files = statSync(path).isDirectory() ? filesOf(path) : readTar(decompressed(path));
  for await (const file of files) {
    const [folder, name] = file.name.split('/') as [string, string | undefined];
    if (!manifest) {
      if (file.name === manifestName) manifest = parseManifest(await textOf(file));
      if (!manifest) throw new Error('it does not begin with the list of what it holds');
      continue;
    }
    const digest = folder === 'cas' ? asDigest(name) : undefined;
    const key = folder === 'ac' ? asKey(name) : undefined;
    if (digest !== undefined) {
      bytes += file.size;
      if (blobs.size >= manifest.blobs || bytes > manifest.bytes) throw new Error('it holds more than it says');
      blobs.set(digest, await stageBlob(store, file, digest, staging));
    } else if (key !== undefined) {
      if (results.size >= manifest.results) throw new Error('it holds more than it says');
      const text = await textOf(file);
      const result = parseActionResult(text);
      if (!result) throw new Error(`ac/${key} cannot be read as a result`);
      results.set(key, { text, result });
    } else if (file.name === elsewhereName) {
      for (const line of (await textOf(file)).split('\n')) {
        const left = asDigest(line);
        if (left !== undefined) elsewhere.add(left);
      }
    } else throw new Error(`it holds ${JSON.stringify(file.name)}, which is no result and no blob`);
  }
  if (!manifest || results.size !== manifest.results || blobs.size !== manifest.blobs)
    throw new Error('it holds less than it says');
  return { blobs, bytes, elsewhere, results };
}

/** The blob as a file of its own, or where the store has it. */
async function stageBlob(store: Store, file: TarFile, digest: Digest, staging: string): Promise<string> {
  const isKnown = store.verify({ digest, size: file.size }) === 'intact';
  const path = isKnown ? store.blobPath(digest) : temporaryPath(staging);
  const fd = isKnown ? undefined : openSync(path, 'wx', 0o444);
  const hash = createHash('sha256');
  try {
    for await (const piece of file.pieces) {
      hash.update(piece);
      for (let written = 0; fd !== undefined && written < piece.length;) written += writeSync(fd, piece, written);
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  const found = hash.digest('hex');
  if (found !== digest) throw new Error(`cas/${digest} is damaged: its bytes hash to ${found.slice(0, 12)}`);
  return path;
}

async function takeIn(store: Store, path: string, { blobs, bytes, elsewhere, results }: Staged): Promise<Imported> {
  const places = new WriteGroup();
  for (const [digest, file] of blobs) if (file !== store.blobPath(digest)) places.add(file, store.blobPath(digest));
  await places.commit();
  for (const digest of blobs.keys()) store.remember(digest);

  const absent = new Set<Digest>();
  const entries = new WriteGroup();
  const contradictory: string[] = [];
  let known = 0;
  for (const [key, { text, result }] of results) {
    const trace = readTrace(store, result.trace);
    const problem = trace ? misfit(key, result, trace) : 'has no trace that can be read';
    if (problem !== undefined) throw new InputError(`${path}: ac/${key} ${problem}: nothing of it was taken`);
    for (const blob of Object.values(result.outputs)) {
      const state = store.verify(blob);
      if (state === 'intact') continue;
      if (state === 'damaged' || !elsewhere.has(blob.digest))
        throw new InputError(
          `${path}: cas/${blob.digest}, which ac/${key} names, is not in it: nothing of it was taken`,
        );
      absent.add(blob.digest);
    }
    const { result: earlier } = store.lookup(key, Object.keys(result.outputs));
    if (earlier) {
      known++;
      if (Object.entries(result.outputs).some(([name, { digest }]) => earlier.outputs[name]!.digest !== digest))
        contradictory.push(trace!.node);
      continue;
    }
    const temporary = temporaryPath(join(store.directory, 'tmp'));
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o444 });
    entries.add(temporary, join(store.directory, 'ac', key));
  }
  store.elsewhere.add(absent);
  await entries.commit();
  return { keys: [...results.keys()], known, contradictory, blobs: blobs.size, bytes, elsewhere: absent.size };
}

async function textOf(file: TarFile): Promise<string> {
  if (file.size > largestRecord)
    throw new Error(`${file.name} has ${file.size} bytes: expected at most ${largestRecord}`);
  const pieces: Buffer[] = [];
  for await (const piece of file.pieces) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** The files of an archive that was written as a folder. What is no file is refused, a link too. */
async function* filesOf(folder: string): AsyncGenerator<TarFile> {
  const below = (name: string): string[] =>
    existsSync(join(folder, name))
      ? readdirSync(join(folder, name))
          .sort()
          .map((file) => `${name}/${file}`)
      : [];
  for (const name of [manifestName, ...below('cas'), elsewhereName, ...below('ac')]) {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (!stats?.isFile()) throw new Error(stats ? `${name} is no file` : `it has no ${name}`);
    yield { name, size: stats.size, pieces: createReadStream(join(folder, name)) };
  }
}

/** Whether a compressed file begins as an archive of results does: another, such as a table or a backup, is nothing to replace. */
export async function beginsAsArchive(path: string): Promise<boolean> {
  try {
    for await (const { name } of readTar(decompressed(path))) return name === manifestName;
  } catch {
    // Neither compressed nor a tar.
  }
  return false;
}

/** The tar within an archive, by its first bytes. */
function decompressed(path: string): AsyncIterable<Buffer> {
  const head = Buffer.alloc(4);
  const fd = openSync(path, 'r');
  readSync(fd, head, 0, 4, 0);
  closeSync(fd);
  const { createZstdDecompress } = zlib as unknown as { createZstdDecompress?: () => Duplex };
  let decompressor: Duplex;
  if (head.readUInt16BE(0) === 0x1f8b) decompressor = zlib.createGunzip();
  else if (head.readUInt32BE(0) !== 0x28b52ffd) throw new Error('it is compressed neither by gzip nor by zstd');
  else if (createZstdDecompress) decompressor = createZstdDecompress();
  else return decompressedByScript(path);
  const output = new PassThrough();
  void pipeline(createReadStream(path), decompressor, output).catch(() => undefined);
  return output;
}

/** Zstandard where Node has none: before 22.15. */
async function* decompressedByScript(path: string): AsyncIterable<Buffer> {
  const { Decompress } = await import('fzstd');
  const made: Buffer[] = [];
  const decoder = new Decompress((piece) => void made.push(Buffer.from(piece)));
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
    // What a few bytes stand for is taken before the next are read: four of them may be 128 KiB.
    for (let at = 0; at < chunk.length; at += fewBytes) {
      decoder.push(chunk.subarray(at, at + fewBytes));
      yield* made.splice(0);
    }
  decoder.push(new Uint8Array(0), true);
  yield* made.splice(0);
}

const fewBytes = 4096;
