/**
 * Checks of what a pipeline hands over: types say it to those who run `tsc`, this says it to everyone, in one line and
 * before anything runs.
 */
import { isObject } from '../is-object.ts';
import { didYouMean } from '../nearest.ts';
import { GraphError } from './graph.ts';

/** A mistake in a call that `pipeline.ts` makes: the message is told with the line of the call. */
export class DeclarationError extends GraphError {}

/** What a value must be, and what to say where it is not. */
export interface Kind {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** Whether it may be left out. */
  readonly optional?: true;
  /** Of a record, the kind of its members. */
  readonly each?: Kind;
}

/** The kinds that calls are made of. */
export const a = {
  text: { expected: 'text that is not empty', accepts: (value) => typeof value === 'string' && value !== '' },
  anyText: { expected: 'text', accepts: (value) => typeof value === 'string' },
  flag: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  number: { expected: 'a finite number', accepts: (value) => Number.isFinite(value) },
  positive: { expected: 'a number above 0', accepts: (value) => Number.isFinite(value) && (value as number) > 0 },
  share: {
    expected: 'a number from 0 to 1',
    accepts: (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) <= 1,
  },
  url: {
    expected: 'a URL that begins with https:// or http://',
    accepts: (value) => typeof value === 'string' && /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value),
  },
  object: { expected: 'an object', accepts: isObject },
  call: { expected: 'a function', accepts: (value) => typeof value === 'function' },
  list: { expected: 'a list', accepts: Array.isArray },
  texts: {
    expected: 'a list of texts',
    accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  },
  /** An output of a node, or a source. */
  output: { expected: 'an output of a command or stage, or a source', accepts: isHandle },
  outputs: {
    expected: 'a list of outputs or sources',
    accepts: (value) => Array.isArray(value) && value.every(isHandle),
  },
  type: {
    expected: 'a type of artifact, such as json(...), table(...) or file(...)',
    accepts: isArtifactType,
  },
} as const satisfies Readonly<Record<string, Kind>>;

export function maybe(kind: Kind): Kind {
  return { ...kind, optional: true };
}

/** Members of any name, each of a kind. */
export function recordOf(each: Kind): Kind {
  return { ...a.object, each };
}

export function isHandle(value: unknown): boolean {
  return isObject(value) && isObject(value['node']) && typeof value['output'] === 'string' && isObject(value['type']);
}

function isArtifactType(value: unknown): boolean {
  return isObject(value) && typeof value['id'] === 'string' && typeof value['extension'] === 'string';
}

/** One value. `where`: how it is called in the message: `agree: uncertainty`. Throws a DeclarationError. */
export function check(where: string, value: unknown, kind: Kind): void {
  if (value === undefined && kind.optional) return;
  if (!kind.accepts(value)) throw new DeclarationError(`${where} ${shown(value)}: expected ${kind.expected}`);
  if (kind.each)
    for (const [name, member] of Object.entries(value as object)) check(`${where}.${name}`, member, kind.each);
}

/**
 * The object that a call is given: with these members and no others. The call is named in the message with the object's
 * `name` or `id`: `command "fit"`. Throws a DeclarationError.
 */
export function checkMembers(call: string, given: unknown, members: Readonly<Record<string, Kind>>): void {
  check(`${call}: the argument`, given, a.object);
  const object = given as Record<string, unknown>;
  const named = object['name'] ?? object['id'];
  const where = typeof named === 'string' ? `${call} "${named}"` : call;
  const known = Object.keys(members);
  for (const name of Object.keys(object))
    if (!Object.hasOwn(members, name))
      throw new DeclarationError(
        `${where}: "${name}" is no member of it${didYouMean(name, known)}: expected some of ${known.join(', ')}`,
      );
  for (const [name, kind] of Object.entries(members)) check(`${where}: ${name}`, object[name], kind);
}

/** `= "two"`, `= NaN`, `is missing`, `is a promise`. */
function shown(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (typeof value === 'function') return 'is a function';
  if (value instanceof Promise) return 'is a promise';
  if (typeof value === 'number' || value === null) return `= ${String(value)}`;
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A circle, or a member that cannot be written: its kind has to do.
  }
  return text === undefined || text.length > 80
    ? `is ${Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`}`
    : `= ${text}`;
}
