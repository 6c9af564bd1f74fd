import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { isArrayOf, isObject, isString, parseJsonText } from '../store/records.ts';
import type { RemotePlace } from './remote.ts';

/**
 * The remotes of a run: those that the user names; else those in package.json of the project, as
 * `"repro": { "remotes": ["https://results.example.org/paper"] }`, with directories relative to the project.
 * The header in REPRO_REMOTE_AUTHORIZATION goes only to remotes that the user names: a project that somebody else wrote
 * could name any host. Throws an InputError for a member that cannot be read.
 */
export function remotesOf(root: string, named: readonly string[]): RemotePlace[] {
  const authorization = process.env['REPRO_REMOTE_AUTHORIZATION'];
  if (named.length > 0) return named.map((place) => ({ place: checked(place, '--remote'), authorization }));
  const path = join(root, 'package.json');
  const facts = existsSync(path) ? parseJsonText(readFileSync(path, 'utf8')) : undefined;
  const own = isObject(facts) ? facts['repro'] : undefined;
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

function isUrl(place: string): boolean {
  return /^[a-z][a-z+.-]+:\/\//i.test(place);
}

function checked(place: string, where: string): string {
  const right = isUrl(place) ? URL.canParse(place) && /^https?:\/\//.test(place) : place.trim() !== '';
  if (!right) throw new InputError(`${where} ${place}: expected an http or https URL, or a directory`);
  return place;
}
