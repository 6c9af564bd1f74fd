import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isRecordOf, isString, parseJsonText } from '../store/records.ts';
import type { RemotePlace } from './remote.ts';
import { defaultLimits } from './remote-limits.ts';
import type { RemoteLimits } from './remote-limits.ts';
import { readText } from '../store/files.ts';

/**
 * The remotes of a run: those that the user names; else those in package.json of the project, as
 * `"repro": { "remotes": ["https://results.example.org/paper"] }`, with directories relative to the project.
 * The header in REPRO_REMOTE_AUTHORIZATION goes only to remotes that the user names: a project that somebody else wrote
 * could name any host. Throws an InputError for a member that cannot be read.
 */
export function remotesOf(root: string, named: readonly string[]): RemotePlace[] {
  const authorization = process.env['REPRO_REMOTE_AUTHORIZATION'];
  if (named.length > 0) return named.map((place) => ({ place: checked(place, '--remote'), authorization }));
  const own = settingsOf(root);
  if (own === undefined) return [];
  const remotes = isObject(own) ? (own['remotes'] ?? []) : undefined;
  if (!isArrayOf(isString, remotes))
    throw new InputError(
      `package.json: repro.remotes = ${JSON.stringify(remotes)}: expected a list of URLs or directories`,
    );
  return remotes.map((each) => {
    const place = checked(each, 'package.json: repro.remotes');
    return { place: isUrl(place) ? place : resolve(root, place) };
  });
}

/** Limits for remotes that package.json sets, as `"repro": { "remoteLimits": { "idleMilliseconds": 60000 } }`. */
export function remoteLimitsOf(root: string): Partial<RemoteLimits> {
  const own = settingsOf(root);
  const limits = (isObject(own) ? own['remoteLimits'] : undefined) ?? {};
  const isRight = (value: unknown): value is number => typeof value === 'number' && value >= 0;
  if (!isRecordOf(isRight, limits))
    throw new InputError(`package.json: repro.remoteLimits = ${JSON.stringify(limits)}: expected numbers from 0`);
  for (const name of Object.keys(limits))
    if (!Object.hasOwn(defaultLimits, name))
      throw new InputError(
        `package.json: repro.remoteLimits.${name}: unknown: expected ${Object.keys(defaultLimits).join(', ')}`,
      );
  return limits;
}

function settingsOf(root: string): unknown {
  const path = join(root, 'package.json');
  const facts = existsSync(path) ? parseJsonText(readText(path)) : undefined;
  return isObject(facts) ? facts['repro'] : undefined;
}

function isUrl(place: string): boolean {
  return /^[a-z][a-z+.-]+:\/\//i.test(place);
}

function checked(place: string, where: string): string {
  const right = isUrl(place) ? URL.canParse(place) && /^https?:\/\//.test(place) : place.trim() !== '';
  if (!right) throw new InputError(`${where} ${place}: expected an http or https URL, or a directory`);
  if (!isUrl(place)) return place;
  const { search, hash, username, password, host } = new URL(place);
  // Paths are put to its end.
  if (search !== '' || hash !== '')
    throw new InputError(
      `${where} ${host}: expected a URL without ? and #: credentials go into REPRO_REMOTE_AUTHORIZATION`,
    );
  try {
    decodeURIComponent(`${username}:${password}`);
  } catch {
    throw new InputError(`${where} ${host}: its user or password holds a % that stands for nothing: expected %25`);
  }
  return place;
}
