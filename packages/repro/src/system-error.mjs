// @ts-check
/**
 * What the operating system refuses, in words: the one place where its codes, such as EACCES, become sentences. Plain
 * JavaScript, since the launcher has to say such things too.
 */
import { basename, dirname, sep } from 'node:path';

/** By code: what happened, and what was expected instead. @type {Record<string, readonly [what: string, expected: string]>} */
const sentences = {
  EACCES: ['permission denied', 'a place that this user may use'],
  EPERM: ['operation not permitted', 'a place that this user may use'],
  EROFS: ['read-only file system', 'a place that can be written to'],
  ENOSPC: ['no space left on the device', 'more space there, or another place'],
  EDQUOT: ['the disk quota is used up', 'more space there, or another place'],
  EFBIG: ['the file is larger than the file system allows', 'another place'],
  EIO: ['the device reports an error', 'another place'],
  ENOENT: ['no such file or directory', 'one that is there'],
  ENOTDIR: ['a part of the path is a file', 'directories up to the last part'],
  EISDIR: ['it is a directory', 'a file'],
  EEXIST: ['it is a file', 'a directory'],
  ENOTEMPTY: ['the directory is not empty', 'an empty one, or none'],
  ELOOP: ['a symbolic link that leads to itself', 'a file or a directory'],
  ENAMETOOLONG: ['the name is longer than the file system allows', 'a shorter one'],
  EMFILE: ['the limit of open files is too low', 'a higher one, for example: ulimit -n 1024'],
  ENFILE: ['the machine has no more open files to give', 'fewer programs at once'],
  EXDEV: ['a part of it is on another file system', 'all of it on one'],
  EBUSY: ['it is in use', 'one that nothing else uses'],
  ETXTBSY: ['it is in use', 'one that nothing else uses'],
  ENOMEM: ['no memory is left', 'more of it, or fewer jobs at once'],
  EAGAIN: ['the machine starts no more processes or reads no more', 'fewer jobs at once'],
  ENXIO: ['there is no such device', 'a plain file'],
  ENODEV: ['there is no such device', 'a plain file'],
  ESTALE: ['the file server no longer knows it', 'a file system that is mounted'],
};

/** @param {unknown} error @returns {readonly [what: string, expected: string] | undefined} */
function sentence(error) {
  const { code, syscall } = /** @type {NodeJS.ErrnoException} */ (error ?? {});
  if (code === 'ENOENT' && syscall === 'mkdir') return ['nothing can be made there', 'another place'];
  return code !== undefined && Object.hasOwn(sentences, code) ? sentences[code] : undefined;
}

/** What went wrong, without path and stack: `permission denied`. @param {unknown} error @returns {string} */
export function reason(error) {
  const { message } = /** @type {{ message?: string }} */ (error ?? {});
  return sentence(error)?.[0] ?? (message || String(error));
}

/**
 * In one line, what was refused, and what was expected: `data/a.csv: permission denied: expected a place that this user may
 * use`. The message of an error that is not the system's.
 * @param {unknown} error @param {string} [place] what it is about, where the error names no path
 * @returns {string}
 */
export function systemLine(error, place) {
  const known = sentence(error);
  if (known === undefined) return reason(error);
  const path = pathOf(error) ?? place;
  return `${path === undefined ? '' : `${path}: `}${known[0]}: expected ${known[1]}`;
}

/** Whether it is something that the system refused. @param {unknown} error */
export function isSystemError(error) {
  return sentence(error) !== undefined;
}

/**
 * The path that the system refused, as a user knows it: not a temporary file of ours, but what it was to become, or the
 * folder that it was to lie in. @param {unknown} error @returns {string | undefined}
 */
export function pathOf(error) {
  const { path, dest } = /** @type {NodeJS.ErrnoException & { dest?: string }} */ (error ?? {});
  if (path === undefined || path === '') return undefined;
  if (!/^tmp-\d+-[0-9a-f]{12}$/.test(basename(path))) return path;
  return dest ?? dirname(path);
}

/**
 * Makes an error of the system, met while what is to become `path` was written at `temporary`, one about `path`: an error of
 * a write names no path. @template E @param {E} error @param {string} temporary @param {string} path @returns {E}
 */
export function aboutTarget(error, temporary, path) {
  const { path: at } = /** @type {NodeJS.ErrnoException} */ (error ?? {});
  if (isSystemError(error) && (at === undefined || `${at}${sep}`.startsWith(`${temporary}${sep}`)))
    Object.assign(/** @type {object} */ (error), { path });
  return error;
}

/** Calls; an error of the system that names no path, such as that of reading a directory, names this one. @template T @param {string} path @param {() => T} call @returns {T} */
export function naming(path, call) {
  try {
    return call();
  } catch (error) {
    if (isSystemError(error) && /** @type {NodeJS.ErrnoException} */ (error).path === undefined)
      Object.assign(/** @type {object} */ (error), { path });
    throw error;
  }
}
