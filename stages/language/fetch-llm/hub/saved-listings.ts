/** What the hub said of a repository, kept in its cache for when it cannot be reached. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseForeignJson } from '../../../../numerics/foreign/json.ts';
import type { HubRepositoryContent } from '../../../toy/artifacts.ts';
import { repositoryFolder } from './cache.ts';
import { checkListing, isCommit } from './validate.ts';

type Place = Pick<HubRepositoryContent, 'kind' | 'repository' | 'commit' | 'folder'>;

/** Keeps a complete listing. */
export async function saveListing(cache: string, listing: HubRepositoryContent): Promise<void> {
  await keep(listingPath(cache, listing), JSON.stringify(listing));
}

/** Keeps which commit a branch or tag stood for, as the hub's libraries do. */
export async function rememberRevision(cache: string, listing: HubRepositoryContent, revision: string): Promise<void> {
  if (revision !== listing.commit) await keep(revisionPath(cache, listing, revision), listing.commit);
}

/**
 * The complete listing of a revision as the hub gave it; undefined if none was kept. What files a snapshot holds says
 * nothing of those that were never fetched.
 */
export function savedListing(
  cache: string,
  { revision, ...asked }: Omit<Place, 'commit'> & { readonly revision: string },
): HubRepositoryContent | undefined {
  const commit = isCommit(revision) ? revision : readIfThere(revisionPath(cache, asked, revision))?.trim();
  if (!isCommit(commit)) return undefined;
  const place: Place = { kind: asked.kind, repository: asked.repository, commit, folder: asked.folder };
  const text = readIfThere(listingPath(cache, place));
  return text === undefined ? undefined : parseListing(text, place);
}

/**
 * Undefined for what was cut short or is no listing, and for that of another place whose path is the same (a--b/c and
 * a/b--c): others write to this cache, too.
 */
function parseListing(text: string, place: Place): HubRepositoryContent | undefined {
  try {
    const listing = checkListing('the listing in the cache', parseForeignJson(text));
    return (Object.keys(place) as (keyof Place)[]).every((name) => listing[name] === place[name]) ? listing : undefined;
  } catch {
    return undefined;
  }
}

/** Beside blobs, refs and snapshots, which are all that the hub's libraries look at; it goes when the repository is removed. */
function listingPath(cache: string, place: Place): string {
  return join(
    repositoryFolder(cache, place),
    '.superposition-scaling',
    `${place.commit}${place.folder && `--${encodeURIComponent(place.folder)}`}.json`,
  );
}

function revisionPath(cache: string, repository: Pick<Place, 'kind' | 'repository'>, revision: string): string {
  return join(repositoryFolder(cache, repository), 'refs', revision);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Writes a file at once. A cache that cannot be written, a read-only one say, costs no more than the answer without network. */
async function keep(path: string, content: string): Promise<void> {
  const partial = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(partial, content);
    await rename(partial, path);
  } catch {
    await rm(partial, { force: true }).catch(() => undefined);
  }
}
