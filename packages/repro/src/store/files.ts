import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../errors.ts';
import { aboutTarget, naming } from '../system-error.mjs';
import { asDigest } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';

/** Called between pieces of a file that this process is busy with: gigabytes on a slow disk take minutes, and nothing else happens. */
export const whileBusy = new Set<() => void>();

export function pieceIsDone(): void {
  for (const call of whileBusy) call();
}

/** Throws for what is no file: to read from a pipe or a device could take for ever. */
export function fileDigest(path: string): Digest {
  const hash = createHash('sha256');
  // Else opening a pipe would wait for who writes to it.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const buffer = Buffer.allocUnsafe(1 << 18);
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`${path}: not a file`);
    for (;;) {
      const read = naming(path, () => readSync(fd, buffer, 0, buffer.length, null));
      if (read === 0) return asDigest(hash.digest('hex'))!;
      hash.update(buffer.subarray(0, read));
      pieceIsDone();
    }
  } finally {
    closeSync(fd);
  }
}

/** The text of a file. Throws what the system says, which names the path also where this is a directory. */
export function readText(path: string): string {
  return naming(path, () => readFileSync(path, 'utf8'));
}

/** The content of a file; undefined if it is not there, or is no file: a pipe or a device could be read for ever. */
export function readOrdinary(path: string): Buffer | undefined {
  const content = contentUntilNext(path);
  return content && content.buffer === shortContent.buffer ? Buffer.from(content) : content;
}

/** As `readOrdinary`, as text in UTF-8. */
export function readOrdinaryText(path: string): string | undefined {
  return contentUntilNext(path)?.toString('utf8');
}

/** Results are short, and are read by the hundred thousand: one place for all of them. */
const shortContent = Buffer.allocUnsafeSlow(1 << 16);

/** What is short is there until the next call only. */
function contentUntilNext(path: string): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    const length = readStart(fd);
    if (length > 0 && length < shortContent.length) return shortContent.subarray(0, length);
    // What has no bytes, or many, may be no file.
    return fstatSync(fd).isFile() ? readFileSync(fd) : undefined;
  } finally {
    closeSync(fd);
  }
}

/** How many bytes came into `shortContent`; 0 from what has no start, such as a pipe or a directory. */
function readStart(fd: number): number {
  let length = 0;
  try {
    // A network file system may give less than there is.
    for (let read = -1; read !== 0; length += read)
      read = readSync(fd, shortContent, length, shortContent.length - length, length);
    return length;
  } catch (error) {
    if (fstatSync(fd).isFile()) throw error;
    return 0;
  }
}

export function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A part of the path is a file.
    if (code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP') throw new InputError(`${path}: a symbolic link that leads to itself: expected a file`);
    if (code === 'ENAMETOOLONG') throw new InputError(`${path}: the name is longer than the file system allows`);
    throw error;
  }
}

/** Whether the name of an entry is UTF-8: of any other, Node gives one with replacement characters, by which nothing is found. */
export function isNameKnown(folder: string, name: string): boolean {
  return !name.includes('\ufffd') || lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
}

/** A name for a file that is being written: a `gc` knows it by its form. */
export function temporaryPath(directory: string): string {
  return join(directory, `tmp-${process.pid}-${randomBytes(6).toString('hex')}`);
}

/**
 * Replaces `path` in one step: a reader sees the old content or the new, never a part, and the new survives a power
 * cut once this returns.
 */
export function writeAtomically(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
  temporaryDirectory = dirname(path),
  mode = 0o644,
): void {
  replaceFile(path, content, temporaryDirectory, mode, true);
  flushDirectory(dirname(path));
}

/** As `writeAtomically`; whether the new content survives a power cut is unknown until the file is flushed. */
export function replaceFile(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
  temporaryDirectory: string,
  mode: number,
  flush = false,
): void {
  const temporary = temporaryPath(temporaryDirectory);
  try {
    const fd = openSync(temporary, 'wx', mode);
    try {
      const whole = typeof content === 'string' ? Buffer.from(content) : content;
      for (const bytes of whole instanceof Uint8Array ? [whole] : whole)
        for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
      if (flush) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // What went wrong first is what the user needs to know.
    }
    throw aboutTarget(error, temporary, path);
  }
}

export function flushFile(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes renames within a directory survive a power cut. Some file systems cannot; what was renamed is whole all the same. */
export function flushDirectory(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(fd);
  } catch {
    // EINVAL on file systems that flush no directories.
  } finally {
    closeSync(fd);
  }
}

/** With those above it. Not by Node's own `recursive`, which never ends where the system denies that a parent exists, as /proc does. */
export function makeDirectory(path: string): void {
  if (statOrUndefined(path)?.isDirectory()) return;
  if (!statOrUndefined(dirname(path))) makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!statOrUndefined(path)?.isDirectory()) throw error;
  }
}

/** Removes a folder with all in it, or a file; also where a program has left folders there that nobody may write to. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(code)) throw error;
    openFolders(path);
    rmSync(path, { recursive: true, force: true });
  }
}

/** As `removeTree`, of what belongs to a node that is done: what is left of it, such as a file that a network file system still holds, goes with the next `gc`. */
export function removeIfPossible(path: string): void {
  try {
    removeTree(path);
  } catch {
    // It says nothing about the node.
  }
}

/** Gives the user all rights to a folder and those below it. */
function openFolders(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return;
  if ((stats.mode & 0o700) !== 0o700) chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) openFolders(join(path, entry.name));
}
