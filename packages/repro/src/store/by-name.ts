import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { asDigest, asKey, sha256 } from '../graph/digest.ts';
import type { Key, NodeName } from '../graph/digest.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { BlobReference } from './store.ts';
import { makeDirectory, writeAtomically } from './files.ts';

/** What a node of a parameter set last came to. */
export interface NodeRecord {
  readonly node: NodeName;
  /** Empty for a node that failed before its key was known. */
  readonly key: Key | '';
  readonly state: 'done' | 'failed' | 'not-run';
  /** For a node that failed or could not run: why. */
  readonly message?: string;
  readonly outputs?: Readonly<Record<string, BlobReference & { readonly path: string }>>;
  /** Of the last time it succeeded. */
  readonly trace?: BlobReference;
}

/**
 * The names that a parameter set gives to results: `by-name/<set>/<node>.json`, for people and for `why`, and a
 * summary of all of them in `by-name/<set>.json`, so that a run that changes nothing opens one file. A run that changes
 * something removes the summary first and writes it at its end: what a killed run wrote is read from the records.
 */
export class ByName {
  readonly #directory: string;
  readonly #summaryPath: string;
  readonly #parametersPath: string;
  readonly #summary: Record<string, string>;
  #changed = false;
  /** Whether records were written since the summary was. */
  #begun = false;

  constructor(storeDirectory: string, set: string) {
    this.#directory = join(storeDirectory, 'by-name', set);
    this.#summaryPath = join(storeDirectory, 'by-name', `${set}.json`);
    this.#parametersPath = join(storeDirectory, 'by-name', `${set}.parameters.json`);
    makeDirectory(this.#directory);
    this.#summary = readJsonOr(this.#summaryPath, {});
  }

  /** Whether a node's record is of this key, and done; without opening it if the summary has it. */
  isCurrent(node: NodeName, key: Key): boolean {
    const known = this.#summary[node];
    if (known !== undefined) return known === `done ${key}`;
    const record = this.read(node);
    if (!record) return false;
    this.#note(record);
    return record.state === 'done' && record.key === key;
  }

  read(node: NodeName): NodeRecord | undefined {
    const record = readJsonOr<unknown>(this.#path(node), undefined);
    return isRecord(record) ? record : undefined;
  }

  write(record: NodeRecord): void {
    if (!this.#begun) rmSync(this.#summaryPath, { force: true });
    this.#begun = true;
    writeAtomically(this.#path(record.node), canonicalJson(record) + '\n');
    this.#note(record);
  }

  #note({ node, state, key }: NodeRecord): void {
    this.#summary[node] = `${state} ${key}`;
    this.#changed = true;
  }

  /** Takes a name out of the summary; its record is removed by who calls this. */
  forget(node: string): void {
    if (!(node in this.#summary)) return;
    delete this.#summary[node];
    this.#changed = true;
  }

  save(): void {
    if (!this.#changed) return;
    writeAtomically(this.#summaryPath, canonicalJson(this.#summary) + '\n');
    this.#changed = false;
    this.#begun = false;
  }

  /** The parameters of the set's last run. */
  readParameters(): Readonly<Record<string, unknown>> | undefined {
    return readJsonOr<Record<string, unknown> | undefined>(this.#parametersPath, undefined);
  }

  writeParameters(parameters: Readonly<Record<string, unknown>>): void {
    const text = canonicalJson(parameters) + '\n';
    if (!existsSync(this.#parametersPath) || readFileSync(this.#parametersPath, 'utf8') !== text)
      writeAtomically(this.#parametersPath, text);
  }

  #path(node: NodeName): string {
    const safe = node.replace(/[^\w.,=[\]+-]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
    return join(this.#directory, `${safe.length > 200 ? safe.slice(0, 150) + sha256(node).slice(0, 16) : safe}.json`);
  }
}

/** A damaged record is none: it only serves to tell what changed. */
function isRecord(value: unknown): value is NodeRecord {
  const { node, key, state, message, outputs, trace } = (value ?? {}) as Partial<Record<keyof NodeRecord, unknown>>;
  return (
    typeof node === 'string' &&
    (key === '' || asKey(key) !== undefined) &&
    (state === 'done' || state === 'failed' || state === 'not-run') &&
    (message === undefined || typeof message === 'string') &&
    (trace === undefined || isReference(trace)) &&
    (outputs === undefined ||
      (typeof outputs === 'object' && outputs !== null && Object.values(outputs).every(isReference)))
  );
}

function isReference(value: unknown): value is BlobReference {
  const { digest, size } = (value ?? {}) as Partial<Record<keyof BlobReference, unknown>>;
  return asDigest(digest) !== undefined && typeof size === 'number';
}

function readJsonOr<T>(path: string, otherwise: T): T {
  if (!existsSync(path)) return otherwise;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return otherwise;
  }
}
