/**
 * What may be in a listing of the hub, a revision, a checkpoint: checked on every way in (the hub's answers, the listing
 * kept in its cache, results of other stages, pins of the lock), since paths of files become paths on this disk.
 */
import { quoted } from '../../../../numerics/foreign/quoted.ts';
import type { HubFile, HubRepositoryContent } from '../../../toy/artifacts.ts';
import { HubError } from './errors.ts';

/** The largest file of the hub has less than a tenth of it. */
const largestFile = 2 ** 44;
/** The largest data sets have some ten thousand. */
const mostFiles = 500_000;

const digest = (value: unknown, digits: number): value is string =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);

/** 40 hexadecimal digits. */
export function isCommit(value: unknown): value is string {
  return digest(value, 40);
}

/** A relative path that stays within its folder, without characters that a terminal or a file system would obey. */
export function isPlainPath(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= 1024 &&
    !/[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value) &&
    value.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255)
  );
}

/** Throws a HubError unless it is a branch, a tag or a commit by the rules of git, such as `main` or `refs/pr/1`. */
export function checkRevision(what: string, revision: string): void {
  const isPlain = isPlainPath(revision) && !/[\s~^:?*[\]]|\.\.|@\{|\.lock$|^[-.]/.test(revision);
  if (!isPlain) throw new HubError(`${what}: revision ${quoted(revision)}: expected a branch, a tag or a commit`);
}

/** Throws a HubError unless it is `owner/name` as the hub allows them. */
export function checkRepository(repository: string): void {
  const parts = repository.split('/');
  const isPlain = parts.length === 2 && parts.every((part) => /^\w[\w.-]{0,95}$/.test(part) && !part.includes('..'));
  if (!isPlain) throw new HubError(`repository ${quoted(repository)}: expected owner/name`);
}

/** A file of a listing. `what` begins the message of the HubError that is thrown for any other value. */
function checkFile(what: string, value: unknown): HubFile {
  const { path, size, sha256, gitOid } = (value ?? {}) as Partial<HubFile>;
  const isWhole =
    isPlainPath(path) &&
    typeof size === 'number' &&
    Number.isSafeInteger(size) &&
    size >= 0 &&
    size <= largestFile &&
    digest(gitOid, 40) &&
    (sha256 === null || digest(sha256, 64));
  if (!isWhole)
    throw new HubError(
      `${what}: the listing has ${quoted(JSON.stringify(value) ?? 'nothing', 200)
        .slice(1, -1)
        .replaceAll('\\"', '"')}: expected a path within the repository, a size and digests`,
    );
  return { path, size, sha256: sha256!, gitOid: gitOid };
}

/** Files of a listing, each path once, in order of path. */
export function checkFiles(what: string, values: unknown): HubFile[] {
  if (!Array.isArray(values)) throw new HubError(`${what}: the listing has no files: expected a list of them`);
  if (values.length > mostFiles)
    throw new HubError(`${what}: the listing has ${values.length} files: expected at most ${mostFiles}`);
  const files = values.map((value) => checkFile(what, value)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const twice = files.find(({ path }, i) => files[i + 1]?.path === path);
  if (twice) throw new HubError(`${what}: the listing has the file ${quoted(twice.path)} twice`);
  return files;
}

/** A whole listing, from a file. Throws a HubError for any other value. */
export function checkListing(what: string, value: unknown): HubRepositoryContent {
  const { kind, repository, commit, folder, files } = (value ?? {}) as Partial<HubRepositoryContent>;
  if ((kind !== 'model' && kind !== 'dataset') || typeof repository !== 'string')
    throw new HubError(`${what}: not a listing of a repository of the hub`);
  checkRepository(repository);
  if (!isCommit(commit))
    throw new HubError(`${what}: commit ${quoted(String(commit))}: expected 40 hexadecimal digits`);
  if (folder !== '' && !isPlainPath(folder))
    throw new HubError(`${what}: folder ${quoted(String(folder))}: expected a path within the repository`);
  return { kind, repository, commit, folder, files: checkFiles(what, files) };
}
