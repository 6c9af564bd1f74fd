import { closeSync, fsyncSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { makeDirectory, statOrUndefined } from './files.ts';

/**
 * What a store consists of. Verbs that delete look at names: only what matches a pattern below was made by us, so
 * that a file that someone keeps in a store, or in a folder mistaken for one, stays.
 */
const directories = ['cas', 'ac', 'leases', 'scratch', 'roots', 'tmp', 'logs'] as const;

/** The file by which a directory is known to be a store. That it is there says so; its content is for people. */
const markerName = 'repro-store.json';

const marker = { about: 'a store of results, made by repro; `repro store` says what is in it' };

/** Names of blobs, of results and of the scratch directories of nodes. */
export const digestName = /^[0-9a-f]{64}$/;

/** What a write that was cut off leaves behind. */
export const temporaryName = /^(tmp-\d+-[0-9a-f]{12}|(determinism|audit|import)-\d+-[0-9a-f]{8}|inputs-[0-9a-f]{16})$/;

/** Folders of environments, by the digests of their descriptions; what one that was not finished leaves behind. */
export const environmentName = /^([0-9a-f]{64})(\.\d+-[0-9a-f]{8})?$/;

/** Leases: of nodes by their key, of runs and of verbs that look after the store; what taking one over may leave. */
export const leaseName = /^([0-9a-f]{64}|gc|(run|check)-[\w-]+)(\.takeover|\.[0-9a-f]{16})*$/;

export type StoreState = 'store' | 'none' | 'foreign';

/** What a directory is: a store, a place for one (absent or empty), or something that was never a store. */
export function storeState(directory: string): StoreState {
  const isMarked = (): boolean => statOrUndefined(join(directory, markerName))?.isFile() === true;
  if (isMarked()) return 'store';
  const names = statOrUndefined(directory) ? readdirSync(directory) : [];
  if (names.length === 0) return 'none';
  if (isUnmarkedStore(names)) return 'none';
  // Another run may have made it meanwhile: the marker is there before anything else is.
  return isMarked() ? 'store' : 'foreign';
}

/** Makes a directory into a store. Safe to repeat, and beside another process that does the same. */
export function makeStore(directory: string): void {
  makeDirectory(directory);
  writeMarker(join(directory, markerName));
  for (const part of directories) makeDirectory(join(directory, part));
}

export function refuseForeign(directory: string): never {
  const names = readdirSync(directory).slice(0, 3);
  throw new InputError(
    `store ${directory}: it is not a store: it holds ${names.join(', ')} and no ${markerName}: ` +
      'expected an empty directory, or one that a run made',
  );
}

function writeMarker(path: string): void {
  if (statOrUndefined(path)) return;
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o444);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  try {
    writeSync(fd, JSON.stringify(marker) + '\n');
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A store of version 0.2 or earlier, which had no marker. */
function isUnmarkedStore(names: readonly string[]): boolean {
  const known = ['cas', 'ac', 'leases', 'scratch', 'by-name', 'runs', 'tmp', 'blob-index'];
  return (
    ['cas', 'ac', 'by-name', 'runs'].every((name) => names.includes(name)) &&
    names.every((name) => known.includes(name))
  );
}
