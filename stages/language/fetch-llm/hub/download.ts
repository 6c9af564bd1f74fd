import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';
import { blobName, blobPath, gitBlobHash, snapshotPath } from './cache.ts';
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
  const { cache } = hub.settings;
  const found = await intactInCache(hub, listing, file);
  if (found !== undefined) {
    gained(file.size);
    return found === blobPath(cache, listing, file) ? linkBlob(cache, listing, file) : found;
  }
  const partial = join(scratch, `${blobName(file)}.incomplete`);
  await fetchWhole(hub, listing, file, partial, gained);
  return place(cache, listing, file, partial);
}

/** The path in the cache, if the file is there and whole: in its snapshot, or as what another commit has of the same content. */
export async function intactInCache(
  hub: Hub,
  listing: HubRepositoryContent,
  file: HubFile,
): Promise<string | undefined> {
  const path = snapshotPath(hub.settings.cache, listing, file);
  if (await isIntact(hub, path, file)) return path;
  const blob = blobPath(hub.settings.cache, listing, file);
  const isOther = existsSync(blob) && !(existsSync(path) && realpathSync(path) === realpathSync(blob));
  return isOther && (await isIntact(hub, blob, file)) ? blob : undefined;
}

async function isIntact(hub: Hub, path: string, file: HubFile): Promise<boolean> {
  if (!existsSync(path) || statSync(path).size !== file.size) return false;
  const hash = contentHash(file);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal: hub.signal }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex') === blobName(file);
}

/**
 * Appends to `partial` what is missing of it. Removes it and throws a HubError if the whole has not the digest it must
 * have; but where a part was there before, as a power cut may have left it, all is fetched anew first.
 */
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
  let size = 0;
  try {
    ({ size } = await handle.stat());
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
  if (size > 0) {
    gained(-file.size);
    return fetchWhole(hub, listing, file, partial, gained);
  }
  throw new HubError(
    `${remote.name}: ${file.sha256 === null ? 'git blob id' : 'sha256'} ${digest}: expected ${blobName(file)}: what was fetched is not what the hub lists`,
  );
}

/** Moves a verified file into the cache and links it into its snapshot. */
async function place(cache: string, listing: HubRepositoryContent, file: HubFile, partial: string): Promise<string> {
  const blob = blobPath(cache, listing, file);
  await mkdir(dirname(blob), { recursive: true });
  await move(partial, blob);
  return linkBlob(cache, listing, file);
}

/** Links a blob into its snapshot, at once: others may read the file, or link it too. */
async function linkBlob(cache: string, listing: HubRepositoryContent, file: HubFile): Promise<string> {
  const link = snapshotPath(cache, listing, file);
  await mkdir(dirname(link), { recursive: true });
  const made = `${link}.${randomUUID()}.tmp`;
  await symlink(relative(dirname(link), blobPath(cache, listing, file)), made);
  await rename(made, link);
  return link;
}

/** The scratch directory may lie on another file system than the cache. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const near = `${to}.${randomUUID()}.incomplete`;
    await copyFile(from, near);
    await rename(near, to);
    await rm(from);
  }
}

function contentHash(file: HubFile): ReturnType<typeof createHash> {
  return file.sha256 === null ? gitBlobHash(file.size) : createHash('sha256');
}
