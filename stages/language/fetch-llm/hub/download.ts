import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';
import { blobName, gitBlobHash, repositoryFolder, snapshotPath } from './cache.ts';
import { HubError } from './errors.ts';
import { remoteFile, streamRange } from './remote-file.ts';
import type { Hub } from './request.ts';

type Gained = (bytes: number) => void;

/**
 * The path in the hub's cache of a file whose bytes are what the listing says: fetched if it is missing, hashed again
 * if it is there, fetched again if it is damaged. A half-fetched file lies in `scratch` and is taken up there.
 * `gained` is told bytes fetched or found.
 */
export async function cachedFile(
  hub: Hub,
  listing: HubRepositoryContent,
  file: HubFile,
  scratch: string,
  gained: Gained = () => undefined,
): Promise<string> {
  const found = await intactInCache(hub, listing, file);
  if (found !== undefined) {
    gained(file.size);
    return found;
  }
  const partial = join(scratch, `${blobName(file)}.incomplete`);
  await fetchWhole(hub, listing, file, partial, gained);
  return place(hub.settings.cache, listing, file, partial);
}

/** The path in the cache, if the file is there and whole. */
export async function intactInCache(
  hub: Hub,
  listing: HubRepositoryContent,
  file: HubFile,
): Promise<string | undefined> {
  const path = snapshotPath(hub.settings.cache, listing, file);
  if (!existsSync(path) || statSync(path).size !== file.size) return undefined;
  const hash = contentHash(file);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal: hub.signal }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex') === blobName(file) ? path : undefined;
}

/** Appends to `partial` what is missing of it. Removes it and throws a HubError if the whole has not the digest it must have. */
async function fetchWhole(
  hub: Hub,
  listing: HubRepositoryContent,
  file: HubFile,
  partial: string,
  gained: Gained,
): Promise<void> {
  const remote = remoteFile(hub, listing, file);
  const hash = contentHash(file);
  await mkdir(dirname(partial), { recursive: true });
  const handle = await open(partial, 'a');
  let digest: string;
  try {
    let { size } = await handle.stat();
    if (size > file.size) await handle.truncate((size = 0));
    if (size > 0)
      for await (const chunk of createReadStream(partial, { highWaterMark: 2 ** 20, signal: hub.signal }))
        hash.update(chunk as Uint8Array);
    gained(size);
    for await (const chunk of streamRange(hub, remote, size, file.size)) {
      hash.update(chunk);
      await handle.appendFile(chunk);
      gained(chunk.length);
    }
    digest = hash.digest('hex');
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (digest === blobName(file)) return;
  await rm(partial, { force: true });
  throw new HubError(
    `${remote.name}: ${file.sha256 === null ? 'git blob id' : 'sha256'} ${digest}: expected ${blobName(file)}: what was fetched is not what the hub lists`,
  );
}

/** Moves a verified file into the cache and links it into its snapshot. */
async function place(cache: string, listing: HubRepositoryContent, file: HubFile, partial: string): Promise<string> {
  const blob = join(repositoryFolder(cache, listing), 'blobs', blobName(file));
  const link = snapshotPath(cache, listing, file);
  await mkdir(dirname(blob), { recursive: true });
  await mkdir(dirname(link), { recursive: true });
  await move(partial, blob);
  await rm(link, { force: true });
  await symlink(relative(dirname(link), blob), link);
  return link;
}

/** The scratch directory may lie on another file system than the cache. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const near = `${to}.${process.pid}.incomplete`;
    await copyFile(from, near);
    await rename(near, to);
    await rm(from);
  }
}

function contentHash(file: HubFile): ReturnType<typeof createHash> {
  return file.sha256 === null ? gitBlobHash(file.size) : createHash('sha256');
}
