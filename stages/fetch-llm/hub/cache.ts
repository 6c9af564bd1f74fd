import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { HubFile, HubRepositoryContent } from '../../artifacts.ts';

/**
 * The layout that the hub's libraries share: `models--owner--name/` with `blobs/<digest>`, `snapshots/<commit>/<path>`,
 * which are links to blobs, and `refs/<revision>`, which hold a commit.
 */
export function repositoryFolder(cache: string, { kind, repository }: Pick<HubRepositoryContent, 'kind' | 'repository'>): string {
  return join(cache, [`${kind}s`, ...repository.split('/')].join('--'));
}

/** The name of a file's blob: what the hub sends as its entity tag. */
export function blobName({ sha256, gitOid }: HubFile): string {
  return sha256 ?? gitOid;
}

export function snapshotPath(cache: string, listing: HubRepositoryContent, file: HubFile): string {
  return join(repositoryFolder(cache, listing), 'snapshots', listing.commit, file.path);
}

/** What the cache holds of a revision, as a listing; undefined if it never resolved it. Files that were not fetched are not listed. */
export function cachedListing(
  cache: string,
  { kind, repository, revision, folder }: { kind: 'model' | 'dataset'; repository: string; revision: string; folder: string },
): HubRepositoryContent | undefined {
  const root = repositoryFolder(cache, { kind, repository });
  const reference = join(root, 'refs', revision);
  const commit = /^[0-9a-f]{40}$/.test(revision) ? revision : existsSync(reference) ? readFileSync(reference, 'utf8').trim() : undefined;
  const snapshot = join(root, 'snapshots', commit ?? '');
  if (!commit || !existsSync(join(snapshot, folder))) return undefined;
  const files = readdirSync(join(snapshot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => existsSync(path))
    .map((path): HubFile => describe(relative(snapshot, path).replaceAll('\\', '/'), path));
  return files.length === 0 ? undefined : { kind, repository, commit, folder, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** A cached file as the hub lists it. Of a large file, git holds a pointer, whose blob id is computed here. */
function describe(path: string, cached: string): HubFile {
  const digest = basename(realpathSync(cached));
  const { size } = statSync(cached);
  if (/^[0-9a-f]{64}$/.test(digest)) {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize ${size}\n`;
    return { path, size, sha256: digest, gitOid: gitBlobHash(pointer.length).update(pointer).digest('hex') };
  }
  return { path, size, sha256: null, gitOid: gitBlobHash(size).update(readFileSync(cached)).digest('hex') };
}

/** Git's blob id: SHA-1 of a header and the content, which is to be added. */
export function gitBlobHash(size: number): ReturnType<typeof createHash> {
  return createHash('sha1').update(`blob ${size}\0`);
}
