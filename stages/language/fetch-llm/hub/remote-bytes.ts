import { createReadStream } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';
import { checkRange, openFile } from '../../../../numerics/checkpoints/byte-source.ts';
import type { ByteSource } from '../../../../numerics/checkpoints/byte-source.ts';
import { blobName } from './cache.ts';
import { intactInCache } from './download.ts';
import { remoteFile, streamRange } from './remote-file.ts';
import type { Hub } from './request.ts';

/** Pieces from this size on are kept in the scratch directory, to be taken up after a crash and not fetched twice. */
const keptBytes = 2 ** 20;

/** Of a file that is read from its start. */
const firstPiece = 2 ** 17;
const largestPiece = 2 ** 24;

/** A file of a repository by range: from the hub's cache if it is there whole, else over the network. */
export async function openRemote(
  hub: Hub,
  listing: HubRepositoryContent,
  file: HubFile,
  scratch: string,
  gained: (bytes: number) => void = () => undefined,
): Promise<ByteSource> {
  const name = `${listing.repository}/${file.path}`;
  const cached = await intactInCache(hub, listing, file);
  if (cached !== undefined) return openFile(cached, name);
  const remote = remoteFile(hub, listing, file);
  const folder = join(scratch, `${blobName(file)}.ranges`);
  return {
    name,
    size: file.size,
    async read(begin, end) {
      checkRange(name, file.size, begin, end);
      if (end - begin >= keptBytes) return keptPiece(begin, end);
      const bytes = new Uint8Array(end - begin);
      let at = 0;
      for await (const chunk of streamRange(hub, remote, begin, end)) {
        bytes.set(chunk, at);
        at += chunk.length;
        gained(chunk.length);
      }
      return bytes;
    },
    async close() {
      // Every read opens its own connection and closes it.
    },
  };

  /** A piece in a file of its own, named by its range, to which what is missing is appended. */
  async function keptPiece(begin: number, end: number): Promise<Uint8Array> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${begin}-${end}`);
    const handle = await open(path, 'a');
    try {
      const { size } = await handle.stat();
      for await (const chunk of streamRange(hub, remote, begin + Math.min(size, end - begin), end)) {
        await handle.appendFile(chunk);
        gained(chunk.length);
      }
    } finally {
      await handle.close();
    }
    return readFile(path);
  }
}

/**
 * The bytes of a file from its start, as far as they are wanted. Asked for in pieces, each twice the one before: sockets
 * take in megabytes that nobody has read yet, and of these no more than was read already is to be in vain.
 */
export async function* streamFile(hub: Hub, listing: HubRepositoryContent, file: HubFile): AsyncGenerator<Uint8Array> {
  const cached = await intactInCache(hub, listing, file);
  if (cached !== undefined) {
    for await (const chunk of createReadStream(cached, { highWaterMark: 2 ** 18, signal: hub.signal }))
      yield chunk as Uint8Array;
    return;
  }
  const remote = remoteFile(hub, listing, file);
  for (let at = 0, piece = firstPiece; at < file.size; piece = Math.min(2 * piece, largestPiece)) {
    const end = Math.min(at + piece, file.size);
    yield* streamRange(hub, remote, at, end);
    at = end;
  }
}
