import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import type { TObject, TSchema } from '@sinclair/typebox';
import { InputError } from '../errors.ts';
import { statOrUndefined } from '../store/files.ts';
import { naming } from '../system-error.mjs';
import { canonicalValues } from './canonical-values.ts';
import { didYouMean } from '../nearest.ts';
import { JsonSyntaxError, parseJson } from './parse-json.ts';
import { firstError } from './validate.ts';
import { isObject } from '../is-object.ts';

export interface ParameterSet {
  /** The file's name without its extension; names the report. */
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The file as the user knows it, for messages. */
  readonly file: string;
  /** What `--set` overrides, as written. */
  readonly overrides: readonly string[];
  /** Where its results are published. */
  readonly archive?: PublishedArchive;
}

/** `"$archive": { "url": ..., "sha256": ... }` of a set: the archive with its results, which `repro import` fetches. */
export interface PublishedArchive {
  /** An http or https URL, or a path relative to the project. */
  readonly url: string;
  /** SHA-256 of the archive's bytes. */
  readonly sha256: string;
}

type Json = Record<string, unknown>;

/** Names of sets, which name directories of reports and records. */
const setName = /^[A-Za-z0-9][\w.-]*$/;

/**
 * A parameter set by name (`params/<name>.json`) or file, with what it extends merged in, `path=value` overrides
 * applied, checked against the schema and defaults filled in. Throws InputErrors that name file and member.
 */
export function loadParameters(
  root: string,
  nameOrFile: string,
  overrides: readonly string[],
  schema: TObject,
): ParameterSet {
  const known = setsOf(root, schema);
  const file = known.withoutFile && nameOrFile === 'default' ? undefined : parameterFile(root, nameOrFile, known.names);
  if (file !== undefined) checkName(root, file);
  const merged = file === undefined ? {} : readMerged(file, root, []);
  const archive = file === undefined ? undefined : archiveOf(file, root);
  const parsed = overrides.map((written) => parseOverride(written, schema));
  const twice = parsed.find(({ path }, i) =>
    parsed.slice(0, i).some((before) => before.path.join('.') === path.join('.')),
  );
  if (twice) throw new InputError(`--set ${twice.written}: ${twice.path.join('.')} is set twice: expected it once`);
  const culprit = wrongOverride(merged, parsed, schema);
  if (culprit !== undefined) throw new InputError(culprit);
  for (const override of parsed) applyOverride(merged, override);
  const values = canonicalValues(merged, schema) as Json;
  const error = firstError(schema, values);
  const source = file === undefined ? 'pipeline.ts' : shown(file, root);
  if (error) throw new InputError(`${source}: ${error}`);
  const name = file === undefined ? nameOrFile : basename(file, '.json');
  return { name, values, file: source, overrides, ...(archive && { archive }) };
}

/** The JSON of a file of parameters, of which an editor may have put a byte order mark before it. */
function readSet(file: string, root: string): unknown {
  const bytes = naming(file, () => readFileSync(file));
  if (!isUtf8(bytes)) throw new InputError(`${shown(file, root)}: it is not UTF-8: expected JSON in UTF-8`);
  return parseJson(bytes.toString('utf8').replace(/^\ufeff/, ''), shown(file, root));
}

/** A set does not inherit the archive of the one that it extends: its results are others. */
function archiveOf(file: string, root: string): PublishedArchive | undefined {
  const { $archive: archive } = readSet(file, root) as Json;
  if (archive === undefined) return undefined;
  const { url, sha256 } = isObject(archive) ? archive : {};
  if (typeof url !== 'string' || url.trim() === '' || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new InputError(
      `${shown(file, root)}: $archive = ${JSON.stringify(archive)}: expected { "url": ..., "sha256": 64 hexadecimal digits }`,
    );
  }
  return { url, sha256 };
}

/** Names of the sets there are. The set `default` needs no file where every parameter has a default value. */
function setsOf(root: string, schema: TObject): { readonly names: readonly string[]; readonly withoutFile: boolean } {
  const withoutFile =
    !existsSync(join(root, 'params', 'default.json')) &&
    Object.values(schema.properties).every((member) => member.default !== undefined);
  return { names: withoutFile ? ['default', ...knownSets(root)] : knownSets(root), withoutFile };
}

/** A file elsewhere must not have the name of a set in `params/`: names are what reports and records are kept by. */
function checkName(root: string, file: string): void {
  const name = basename(file);
  if (!setName.test(basename(name, '.json'))) {
    throw new InputError(
      `${shown(file, root)}: cannot name a parameter set, nor the directory of its report: expected letters, digits, "_", "." and "-", a letter or digit first`,
    );
  }
  const own = join(root, 'params', name);
  if (!existsSync(own) || realpathSync(own) === realpathSync(file)) return;
  throw new InputError(
    `${shown(file, root)}: a set of this name is in params/, and its report in reports/${basename(name, '.json')} would be overwritten: give the file another name`,
  );
}

/** The set that is meant where none is named. */
export function defaultSet({ defaultSet }: { readonly defaultSet?: string }, root: string): string {
  const known = knownSets(root);
  return defaultSet ?? (known.length === 1 ? known[0]! : 'default');
}

/** Names of the sets in `params/`: the JSON files that are neither a schema nor the claims. */
export function knownSets(root: string): string[] {
  const directory = join(root, 'params');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json') && !name.endsWith('schema.json') && name !== 'claims.json')
    .map((name) => name.slice(0, -5))
    .sort();
}

function parameterFile(root: string, nameOrFile: string, known: readonly string[] = knownSets(root)): string {
  const named = join(root, 'params', `${nameOrFile}.json`);
  // What ends in .json is most likely meant as a file, of which the check below says what is wrong.
  const isThere = nameOrFile.endsWith('.json') ? existsSync : statOrUndefined;
  if (setName.test(nameOrFile) && isThere(named)) return named;
  if (basename(nameOrFile) === nameOrFile && !nameOrFile.endsWith('.json') && isThere(named)) checkName(root, named);
  const file = resolve(nameOrFile);
  if (nameOrFile.endsWith('.json')) {
    const stats = statOrUndefined(file);
    if (stats?.isFile()) return file;
    const what = stats ? `it is ${stats.isDirectory() ? 'a directory' : 'no plain file'}` : 'no such parameter file';
    throw new InputError(`${nameOrFile}: ${what}: expected a JSON file of parameters`);
  }
  if (statOrUndefined(file)?.isDirectory()) {
    throw new InputError(
      `--params ${nameOrFile}: it is a directory: expected the name of a set in params/ (${known.join(', ')}) or a .json file`,
    );
  }
  throw new InputError(
    `--params ${nameOrFile}: no such parameter set${didYouMean(nameOrFile, known)}: expected ${known.length > 0 ? `${known.join(', ')} or ` : ''}a .json file`,
  );
}

function readMerged(file: string, root: string, within: readonly string[]): Json {
  if (within.includes(file)) {
    const circle = [...within.slice(within.indexOf(file)), file].map((each) => shown(each, root));
    throw new InputError(
      circle.length === 2
        ? `${circle[0]!}: extends itself: expected another set`
        : `${circle.join(' extends ')}: expected no circle`,
    );
  }
  if (!statSync(file).isFile())
    throw new InputError(`${shown(file, root)}: it is no plain file: expected a JSON file of parameters`);
  const own = readSet(file, root);
  if (!isObject(own)) {
    throw new InputError(`${shown(file, root)}: expected an object of parameters`);
  }
  const { extends: parent, $schema: _, $archive: __, ...values } = own;
  if (parent === undefined) return values;
  if (typeof parent !== 'string')
    throw new InputError(`${shown(file, root)}: extends = ${JSON.stringify(parent)}: expected the name of a set`);
  const base = readMerged(extendedFile(root, parent, file), root, [...within, file]);
  return merge(base, values);
}

/** The file of a set that another extends; a mistake is told of the file that names it. */
function extendedFile(root: string, parent: string, file: string): string {
  try {
    return parameterFile(root, parent);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${shown(file, root)}: extends: ${error.message.replace(/^--params /, '')}`);
  }
}

/** Objects merge member by member; anything else replaces. */
function merge(base: Json, over: Json): Json {
  const merged: Json = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    setOwn(merged, key, isObject(below) && isObject(value) ? merge(below, value) : value);
  }
  return merged;
}

/** What is wrong with the first override after which a set that was right no longer is. */
function wrongOverride(merged: Json, overrides: readonly Override[], schema: TObject): string | undefined {
  if (overrides.length === 0) return undefined;
  const errorOf = (values: Json): string | undefined => firstError(schema, canonicalValues(values, schema));
  if (errorOf(merged)) return undefined;
  const values = structuredClone(merged);
  for (const override of overrides) {
    applyOverride(values, override);
    const error = errorOf(values);
    if (error) return `--set ${override.written}: ${error}`;
  }
  return undefined;
}

interface Override {
  readonly written: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/** `small.n=500`, `small.m=[4, 8]`, `small.gamma=["-5/9"]`, `small.frequencies=linear`: JSON, or a bare word. */
function parseOverride(written: string, schema: TObject): Override {
  const equals = written.indexOf('=');
  const path = written.slice(0, Math.max(equals, 0)).split('.');
  if (equals < 1 || path.includes('')) throw new InputError(`--set ${written}: expected path=value, such as size=500`);
  const text = written.slice(equals + 1);
  // A version such as 3.10 is text, where text is what is expected.
  if (memberSchema(schema, path)?.['type'] === 'string' && !text.startsWith('"')) return { written, path, value: text };
  try {
    return { written, path, value: parseJson(text, `--set ${written}`) };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { written, path, value: text };
    throw error;
  }
}

function memberSchema(schema: TSchema, path: readonly string[]): TSchema | undefined {
  return path.reduce<TSchema | undefined>(
    (at, name) => (at?.['properties'] as Readonly<Record<string, TSchema>> | undefined)?.[name],
    schema,
  );
}

function applyOverride(values: Json, { written, path, value }: Override): void {
  let target: Json = values;
  path.slice(0, -1).forEach((part, i) => {
    // What the schema does not know it refuses, with the nearest name that it does.
    if (!Object.hasOwn(target, part)) setOwn(target, part, {});
    const next = target[part];
    if (!isObject(next))
      throw new InputError(
        `--set ${written}: ${path.slice(0, i + 1).join('.')} = ${JSON.stringify(next)} has no members`,
      );
    target = next;
  });
  setOwn(target, path.at(-1)!, value);
}

/** Also for names such as `__proto__`, which plain assignment does not make a member. */
function setOwn(target: Json, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

function shown(file: string, root: string): string {
  return `${file}${sep}`.startsWith(`${root}${sep}`)
    ? file
        .slice(root.length)
        .replace(/^[\\/]/, '')
        .replaceAll('\\', '/')
    : file;
}
