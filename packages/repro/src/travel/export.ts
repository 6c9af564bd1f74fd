import { createHash } from 'node:crypto';
import {
  appendFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable, Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { InputError } from '../errors.ts';
import type { Digest, Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Decision } from '../plan/scan.ts';
import { flushDirectory, flushFile, makeDirectory, temporaryPath } from '../store/files.ts';
import type { Store } from '../store/store.ts';
import { aboutTarget } from '../system-error.mjs';
import { archiveCompression, elsewhereName, manifestName } from './archive.ts';
import type { ArchiveManifest, Compression } from './archive.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';
import type { TarFile } from './tar.ts';

/** What of which nodes goes into an archive. */
export interface Selection {
  readonly keys: readonly Key[];
  readonly blobs: ReadonlyMap<Digest, number>;
  /** Named by results, and left out. */
  readonly elsewhere: readonly Digest[];
  readonly leftOutBytes: number;
}

/**
 * The results of the nodes that are fresh, with their traces and the blobs of their outputs, but for those of the
 * stages in `without`, those larger than `maximumBlob` bytes, and those that this store does not hold itself.
 */
export function selectResults(
  store: Store,
  nodes: readonly GraphNode[],
  decisions: readonly Decision[],
  { without, maximumBlob }: { readonly without: ReadonlySet<string>; readonly maximumBlob: number },
): Selection {
  const keys = new Set<Key>();
  const blobs = new Map<Digest, number>();
  const wanted = new Map<Digest, { readonly size: number; readonly included: boolean }>();
  for (const node of nodes) {
    const decision = decisions[node.index]!;
    if (decision.state !== 'fresh' || store.verify(decision.result.trace) !== 'intact') continue;
    keys.add(decision.key);
    blobs.set(decision.result.trace.digest, decision.result.trace.size);
    for (const blob of Object.values(decision.result.outputs)) {
      const included = !without.has(node.stage.name) && blob.size <= maximumBlob && store.verify(blob) === 'intact';
      // The same bytes may be the output of two stages.
      if (!wanted.get(blob.digest)?.included) wanted.set(blob.digest, { size: blob.size, included });
    }
  }
  const elsewhere: Digest[] = [];
  let leftOutBytes = 0;
  for (const [digest, { size, included }] of wanted) {
    if (included) blobs.set(digest, size);
    else if (!blobs.has(digest)) {
      elsewhere.push(digest);
      leftOutBytes += size;
    }
  }
  return { keys: [...keys].sort(), blobs, elsewhere: elsewhere.sort(), leftOutBytes };
}

export interface WrittenArchive {
  readonly size: number;
  /** SHA-256 of the tar within, which the compression does not change. */
  readonly content: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly compression: string;
}

/** What an archive holds, in its order. */
async function* membersOf(store: Store, { keys, blobs, elsewhere }: Selection): AsyncGenerator<TarFile> {
  const manifest: ArchiveManifest = {
    format: 'repro-archive',
    version: 1,
    results: keys.length,
    blobs: blobs.size,
    bytes: [...blobs.values()].reduce((sum, size) => sum + size, 0),
  };
  const small = (name: string, content: Buffer): TarFile => ({
    name,
    size: content.length,
    pieces: Readable.from([content]),
  });
  yield small(manifestName, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  // By size, so that outputs of one kind, which are alike, are close enough together for gzip.
  for (const [digest, size] of [...blobs].sort(([a, size], [b, other]) => size - other || (a < b ? -1 : 1)))
    yield { name: `cas/${digest}`, size, pieces: createReadStream(store.blobPath(digest)) };
  yield small(elsewhereName, Buffer.from(elsewhere.map((digest) => `${digest}\n`).join('')));
  for (const key of keys) yield small(`ac/${key}`, readFileSync(join(store.directory, 'ac', key)));
}

/** The members as a tar; `write` sees each file before its bytes go on. */
async function* tarOf(
  store: Store,
  selection: Selection,
  write: (name: string, piece: Buffer) => void = () => undefined,
): AsyncGenerator<Buffer> {
  for await (const { name, size, pieces } of membersOf(store, selection)) {
    yield tarHeader({ name, size });
    let read = 0;
    write(name, Buffer.alloc(0));
    for await (const piece of pieces) {
      read += piece.length;
      write(name, piece);
      yield piece;
    }
    if (read !== size) throw new Error(`${name} changed while it was read: run check-store`);
    yield tarPadding(size);
  }
  yield tarEnd();
}

/**
 * Writes an archive, compressed as its name says: complete under its name, or not at all. Throws an InputError if this Node
 * cannot compress so, and the reason of `signal` once it is aborted.
 */
export async function writeArchive(
  store: Store,
  selection: Selection,
  path: string,
  signal?: AbortSignal,
): Promise<WrittenArchive> {
  const compression = archiveCompression(path);
  const compressor = newCompressor(compression);
  makeDirectory(dirname(path));
  const temporary = temporaryPath(dirname(path));
  const hash = createHash('sha256');
  let size = 0;
  const hashed = new Transform({
    transform: (piece: Buffer, _, done) => {
      hash.update(piece);
      done(null, piece);
    },
  });
  const compressed = createHash('sha256');
  const counted = new Transform({
    transform: (piece: Buffer, _, done) => {
      size += piece.length;
      compressed.update(piece);
      done(null, piece);
    },
  });
  try {
    const output = createWriteStream(temporary, { flags: 'wx' });
    await pipeline(Readable.from(tarOf(store, selection)), hashed, compressor, counted, output, { signal });
    flushFile(temporary);
    renameSync(temporary, path);
    flushDirectory(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw aboutTarget(error, temporary, path);
  }
  return { size, content: hash.digest('hex'), sha256: compressed.digest('hex'), compression };
}

/**
 * Writes the files of an archive as a folder: complete under its name, or not at all. A folder is a remote, too: it is
 * laid out as one. Its content has the digest that the tar within an archive has. Throws an InputError if something is there
 * already, and the reason of `signal` once it is aborted.
 */
export async function writeFolder(
  store: Store,
  selection: Selection,
  path: string,
  signal?: AbortSignal,
): Promise<Pick<WrittenArchive, 'size' | 'content'>> {
  if (existsSync(path) && readdirSync(path).length > 0)
    throw new InputError(`${path}: it holds files: expected a folder that is empty or not there`);
  // A link to an empty folder stays, and the folder is replaced.
  const target = existsSync(path) ? realpathSync(path) : path;
  makeDirectory(dirname(target));
  const temporary = temporaryPath(dirname(target));
  const hash = createHash('sha256');
  let size = 0;
  try {
    for (const folder of ['cas', 'ac']) mkdirSync(join(temporary, folder), { recursive: true });
    const write = (name: string, piece: Buffer): void => {
      signal?.throwIfAborted();
      size += piece.length;
      appendFileSync(join(temporary, name), piece);
    };
    for await (const piece of tarOf(store, selection, write)) hash.update(piece);
    for (const name of readdirSync(temporary, { recursive: true, encoding: 'utf8' }))
      if (statSync(join(temporary, name)).isFile()) flushFile(join(temporary, name));
    renameSync(temporary, target);
    flushDirectory(dirname(target));
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw aboutTarget(error, temporary, path);
  }
  return { size, content: hash.digest('hex') };
}

function newCompressor(compression: Compression): Transform {
  if (compression === 'gzip') return zlib.createGzip({ level: 9 });
  const { createZstdCompress, constants } = zlib as unknown as {
    createZstdCompress: (options: object) => Transform;
    constants: Readonly<Record<string, number>>;
  };
  return createZstdCompress({ params: { [constants['ZSTD_c_compressionLevel']!]: 19 } });
}
