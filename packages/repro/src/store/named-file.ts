/** Files that users name: what verbs write for them, and read from them. */
import { closeSync, lstatSync, openSync, readSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { statOrUndefined, writeAtomically } from './files.ts';

/** Throws an InputError if no file can be put at `path`: its folder is not there, or see `refuseToReplace`. `name`: what the user wrote. */
export function checkNamedFile(path: string, name = path): void {
  const folder = statOrUndefined(dirname(path));
  if (!folder?.isDirectory())
    throw new InputError(`${name}: ${dirname(path)} is ${folder ? 'no folder' : 'not there'}: expected a folder`);
  if (statOrUndefined(path)?.isDirectory()) throw new InputError(`${name}: it is a directory: expected a file`);
  refuseToReplace(path, name);
}

/**
 * Throws an InputError where a file would take the place of a device, a pipe or a socket, such as /dev/null: it would be
 * gone for everybody.
 */
export function refuseToReplace(path: string, name = path): void {
  const stats = statOrUndefined(path);
  if ((stats && !stats.isFile() && !stats.isDirectory()) || isOpenFile(path))
    throw new InputError(`${name}: it is a device, a pipe or a socket: expected a file, or a name that is free`);
}

/** /dev/stdout and the like: links to what a process has open. */
function isOpenFile(path: string): boolean {
  return (
    lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(path).startsWith('/proc/')
  );
}

/** Writes a file that the user named, whole or not at all. Throws an InputError as `checkNamedFile` and `refuseOther` do. */
export function writeNamedFile(name: string, content: string | Uint8Array): void {
  const path = resolve(name);
  checkNamedFile(path, name);
  refuseOther(path, [content.slice(0, startBytes)], name);
  writeAtomically(path, content);
}

/**
 * Throws an InputError where a file is there that begins like none of `alike`, the starts of what may be replaced: a typing
 * error in a name must not cost what somebody wrote.
 */
export function refuseOther(path: string, alike: readonly (string | Uint8Array)[], name = path): void {
  if (!statOrUndefined(path)?.isFile()) return;
  const found = startOf(readStart(path));
  if (found !== '' && !alike.some((start) => found.startsWith(startOf(start))))
    throw new InputError(`${name}: a file of another kind is there: expected a name that is free, or one to replace`);
}

const startBytes = 64;

/** The first characters, by which files of one kind are known: `{"format":`, `<?xml version`, of checksums that they are. */
function startOf(bytes: string | Uint8Array): string {
  return Buffer.from(bytes as string)
    .toString('latin1')
    .replace(/^[0-9a-f]{64}/, 'sha256')
    .replace(/\s+/g, '')
    .slice(0, 12);
}

function readStart(path: string): Buffer {
  const buffer = Buffer.alloc(startBytes);
  const fd = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, startBytes, 0));
  } finally {
    closeSync(fd);
  }
}
