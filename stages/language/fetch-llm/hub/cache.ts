import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';

/**
 * The layout that the hub's libraries share: `models--owner--name/` with `blobs/<digest>`, `snapshots/<commit>/<path>`,
 * which are links to blobs, and `refs/<revision>`, which hold a commit.
 */
export function repositoryFolder(
  cache: string,
  { kind, repository }: Pick<HubRepositoryContent, 'kind' | 'repository'>,
): string {
  return join(cache, [`${kind}s`, ...repository.split('/')].join('--'));
}

/** The name of a file's blob: what the hub sends as its entity tag. */
export function blobName({ sha256, gitOid }: HubFile): string {
  return sha256 ?? gitOid;
}

export function blobPath(cache: string, listing: HubRepositoryContent, file: HubFile): string {
  return join(repositoryFolder(cache, listing), 'blobs', blobName(file));
}

export function snapshotPath(cache: string, listing: HubRepositoryContent, file: HubFile): string {
  return join(repositoryFolder(cache, listing), 'snapshots', listing.commit, file.path);
}

/** Git's blob id: SHA-1 of a header and the content, which is to be added. */
export function gitBlobHash(size: number): ReturnType<typeof createHash> {
  return createHash('sha1').update(`blob ${size}\0`);
}
