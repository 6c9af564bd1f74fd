import { closeSync, existsSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Key, NodeName } from '../graph/digest.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { BlobReference } from './store.ts';
import { makeDirectory, readOrdinaryText, readText, statOrUndefined, writeAtomically } from './files.ts';
import { isObject } from '../is-object.ts';
import { isDigest, isRecordOf, isReference, isSize, isString, parseJsonText } from './records.ts';

/** What a node of a root last came to. */
export interface NodeRecord {
  readonly node: NodeName;
  /** Empty for a node that failed before its key was known. */
  readonly key: Key | '';
  readonly state: 'done' | 'failed' | 'not-run';
  /** For a node that failed or could not run: why. */
  readonly message?: string;
  /** Of the last time it succeeded. */
  readonly outputs?: Readonly<Record<string, BlobReference>>;
  readonly trace?: BlobReference;
  /** When it was written: milliseconds since 1970. */
  readonly at?: number;
}

const fileName = 'names.jsonl';

/**
 * What the nodes of a root last came to: `roots/<id>/names.jsonl`, a record a line, later lines win. For `why`, and for
 * what differs between two builds of one key; a result itself belongs to its key. A root is one project, set and list of
 * overrides, so that runs with different overrides write different files. A line that cannot be read is none.
 */
export class ByName {
  readonly directory: string;
  readonly #path: string;
  readonly #readOnly: boolean;
  /** What the file held; read when it is first needed: where all is fresh, nobody asks. */
  #read: { readonly records: Map<string, NodeRecord>; readonly lines: number } | undefined;
  /** Lines that were appended since. */
  #appended = 0;
  /** Where names are looked up that this root has no record of: the same set without overrides. */
  readonly #fallback: ByName | undefined;
  /** The file, open to append. */
  #fd: number | undefined;
  /** What this process wrote, by node. */
  readonly #written = new Map<string, NodeRecord>();

  constructor(
    directory: string,
    { readOnly = false, fallback }: { readOnly?: boolean; fallback?: ByName | undefined } = {},
  ) {
    this.directory = directory;
    this.#path = join(directory, fileName);
    this.#readOnly = readOnly;
    this.#fallback = fallback;
  }

  get #records(): Map<string, NodeRecord> {
    return (this.#read ??= readNames(this.directory)).records;
  }

  /** Whether a node's record is of this key, and done. */
  isCurrent(node: NodeName, key: Key): boolean {
    const record = this.#records.get(node);
    return record?.state === 'done' && record.key === key;
  }

  read(node: NodeName): NodeRecord | undefined {
    return this.#records.get(node) ?? this.#fallback?.read(node);
  }

  /** Appended at once: what a killed run came to is known to the next. */
  write(given: NodeRecord): void {
    const record = { ...given, at: Date.now() };
    this.#records.set(record.node, record);
    if (this.#readOnly) return;
    this.#written.set(record.node, record);
    this.#append([record]);
  }

  /** Ends writing. Writes the file anew where most of it is out of date. */
  save(): void {
    if (this.#fd === undefined) return;
    // Another run of this root may have written the file anew since it was opened.
    if (fstatSync(this.#fd).ino !== statOrUndefined(this.#path)?.ino) {
      closeSync(this.#fd);
      this.#fd = undefined;
      this.#append([...this.#written.values()]);
    }
    closeSync(this.#fd!);
    this.#fd = undefined;
    this.#written.clear();
    if ((this.#read?.lines ?? 0) + this.#appended <= 2 * this.#records.size + 100) return;
    const { records } = readNames(this.directory);
    writeNames(this.directory, records.values());
    this.#read = { records, lines: records.size };
    this.#appended = 0;
  }

  /** The parameters of the root's last run. */
  readParameters(): Readonly<Record<string, unknown>> | undefined {
    const path = join(this.directory, 'parameters.json');
    const text = readOrdinaryText(path);
    const value = text === undefined ? undefined : parseJsonText(text);
    return isObject(value) ? value : this.#fallback?.readParameters();
  }

  writeParameters(parameters: Readonly<Record<string, unknown>>): void {
    if (this.#readOnly) return;
    const path = join(this.directory, 'parameters.json');
    const text = canonicalJson(parameters) + '\n';
    if (!existsSync(path) || readText(path) !== text) writeAtomically(path, text);
  }

  #append(records: readonly NodeRecord[]): void {
    if (this.#fd === undefined) {
      makeDirectory(this.directory);
      this.#fd = openSync(this.#path, 'a');
    }
    writeSync(this.#fd, records.map(lineOf).join(''));
    this.#appended += records.length;
  }
}

/** Replaces the records of a root. */
export function writeNames(directory: string, records: Iterable<NodeRecord>): void {
  writeAtomically(join(directory, fileName), [...records].map(lineOf).join(''));
}

/** It begins with the end of the line before, so that it is whole even after one that was cut off. */
function lineOf(record: NodeRecord): string {
  return `\n${canonicalJson(record)}`;
}

/** The records of a root's file, the last line of a node counts. */
export function readNames(directory: string): { records: Map<string, NodeRecord>; lines: number; damaged: number } {
  const path = join(directory, fileName);
  const records = new Map<string, NodeRecord>();
  const text = readOrdinaryText(path);
  if (text === undefined) return { records, lines: 0, damaged: 0 };
  const lines = text.split('\n');
  let damaged = 0;
  for (const line of lines) {
    if (line === '') continue;
    const record = parseRecord(line);
    if (record) records.set(record.node, record);
    else damaged++;
  }
  return { records, lines: lines.length - 1, damaged };
}

/** A damaged record is none: it only serves to tell what changed. */
function parseRecord(line: string): NodeRecord | undefined {
  const value = parseJsonText(line);
  if (!isObject(value)) return undefined;
  const { node, key, state, message, outputs, trace, at } = value;
  const known =
    isString(node) &&
    (key === '' || isDigest(key)) &&
    (state === 'done' || state === 'failed' || state === 'not-run') &&
    (message === undefined || isString(message)) &&
    (at === undefined || isSize(at)) &&
    (trace === undefined || isReference(trace)) &&
    (outputs === undefined || isRecordOf(isReference, outputs));
  return known ? (value as unknown as NodeRecord) : undefined;
}
