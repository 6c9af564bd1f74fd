/** Files that users name: what verbs write for them, and read from them. */
import { lstatSync, readlinkSync } from 'node:fs';
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

/** Writes a file that the user named, whole or not at all. Throws an InputError as `checkNamedFile` does. */
export function writeNamedFile(name: string, content: string | Uint8Array): void {
  const path = resolve(name);
  checkNamedFile(path, name);
  writeAtomically(path, content);
}
