import * as zlib from 'node:zlib';
import { InputError } from '../errors.ts';
import { isObject } from '../is-object.ts';
import { isSize, parseJsonText } from '../store/records.ts';

/** What the first file of an archive says of the others. */
export interface ArchiveManifest {
  readonly format: 'repro-archive';
  readonly version: 1;
  readonly results: number;
  readonly blobs: number;
  /** Bytes of the blobs. */
  readonly bytes: number;
}

/**
 * An archive of results is a compressed tar: `repro-archive.json`, `cas/<digest>` for each blob, `elsewhere` with the
 * digests of those that are left out, then `ac/<key>` for each result; blobs by their size, all else by name, without
 * times, owners or paths, so that the same results give the same archive. As a folder it is the same files.
 */
export const manifestName = 'repro-archive.json';
export const elsewhereName = 'elsewhere';

export function parseManifest(text: string): ArchiveManifest | undefined {
  const value = parseJsonText(text);
  if (!isObject(value) || value['format'] !== 'repro-archive' || value['version'] !== 1) return undefined;
  return [value['results'], value['blobs'], value['bytes']].every(isSize)
    ? (value as unknown as ArchiveManifest)
    : undefined;
}

export type Compression = 'gzip' | 'zstd';

/** Of an archive of this name: an older Node, and `tar xzf`, can read only gzip. Throws an InputError if this Node has it not. */
export function archiveCompression(path: string): Compression {
  if (!/\.t?zst$/i.test(path)) return 'gzip';
  if (!('createZstdCompress' in zlib))
    throw new InputError(
      `${path}: this Node cannot compress by zstd (22.15 can): expected a name without .zst: results.tar.gz`,
    );
  return 'zstd';
}
