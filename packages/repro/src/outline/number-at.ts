import { plainError } from '../errors.ts';
import { readJson } from '../runtime.ts';
import type { InputFile } from '../runtime.ts';

/** The number at a path of a JSON file; NaN where it is null. Throws an Error of one line where there is none. */
export function numberAt(file: InputFile, path: string): number {
  let value: unknown = readJson(file);
  const walked: string[] = [];
  for (const name of path.split('.')) {
    walked.push(name);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      throw plainError(`${file.node}: ${walked.join('.')}: there is no such member: expected ${membersOf(value)}`);
    value = (value as Record<string, unknown>)[name];
  }
  if (value === null) return Number.NaN;
  if (typeof value !== 'number')
    throw plainError(`${file.node}: ${path} = ${JSON.stringify(value)?.slice(0, 60)}: expected a number`);
  return value;
}

/** What a path can go on with. */
function membersOf(value: unknown): string {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (names.length === 0) return 'an object or a list above it';
  return `one of ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}`;
}
