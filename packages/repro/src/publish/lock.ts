import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodePoint, canonicalJson } from '../graph/canonical-json.ts';
import { InputError } from '../errors.ts';
import { sha256 } from '../graph/digest.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { isObject } from '../is-object.ts';
import { isDigest, isRecordOf, isSize, isString, parseJsonText } from '../store/records.ts';
import { readJsonBlob } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { readText } from '../store/files.ts';

/**
 * The lock: each complete node with its key and the digests of its outputs, a line each, sorted; which of them each
 * published file is; and, where stages declare it, what names of the world outside stood for. The same on every machine, for any number of workers and any
 * order of work.
 */
export function lockText(
  graph: Graph,
  outcome: (node: GraphNode) => Outcome,
  key: (node: GraphNode) => string | undefined,
  { read, pinOf, published = [] }: LockContext = { read: () => undefined, pinOf: () => undefined },
): string {
  const lines: [string, string][] = [];
  const pins: [string, string][] = [];
  for (const node of graph.nodes) {
    const outputs = outputsOf(outcome(node));
    const nodeKey = key(node);
    const { pinned } = node.stage;
    if (pinned) {
      const answer = outputs && (readJsonBlob({ read }, outputs[pinned.output]!) as Record<string, string> | undefined);
      // where it could not be asked now, what it was before stays
      const pin = answer ? answer[pinned.member] : pinOf(node);
      if (pin !== undefined) pins.push([pinName(node), pin]);
    }
    if (outputs === undefined || nodeKey === undefined) continue;
    const digests = Object.keys(node.stage.outputs)
      .sort()
      .map((output) => `${JSON.stringify(output)}: "${outputs[output]!.digest}"`);
    lines.push([
      node.name,
      `    ${JSON.stringify(node.name)}: { "key": "${nodeKey}", "outputs": { ${digests.join(', ')} } }`,
    ]);
  }
  lines.sort(([a], [b]) => byCodePoint(a, b));
  pins.sort(([a], [b]) => byCodePoint(a, b));
  const pinText = pins.length
    ? `,\n  "pins": {\n${pins.map(([name, pin]) => `    ${JSON.stringify(name)}: ${JSON.stringify(pin)}`).join(',\n')}\n  }`
    : '';
  const files = [...published]
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(
      ([path, { node, output }]) =>
        `    ${JSON.stringify(path)}: { "node": ${JSON.stringify(node.name)}, "output": ${JSON.stringify(output)} }`,
    );
  const fileText = files.length ? `,\n  "published": {\n${files.join(',\n')}\n  }` : '';
  const nodeText = `"nodes": {\n${lines.map(([, line]) => line).join(',\n')}\n  }`;
  return `{\n  "lockVersion": ${lockVersion},\n  ${nodeText}${fileText}${pinText}\n}\n`;
}

/** 2 since it names the published files. */
const lockVersion = 2;

export interface LockContext {
  readonly read: Store['read'];
  readonly pinOf: (node: GraphNode) => string | undefined;
  /** Each published file and the output of a node that it is a copy of. */
  readonly published?: Iterable<readonly [path: string, from: { readonly node: GraphNode; readonly output: string }]>;
}

/** What a node is pinned by: what it asks, which is its stage and all its parameters; its name may change with other nodes. */
function pinName({ stage, params }: GraphNode): string {
  return `${stage.name} ${canonicalJson(params)}`;
}

/** The pin of a node by the locks in these directories of reports, the first first; undefined without one. */
export function pinsOf(...reportDirectories: readonly string[]): (node: GraphNode) => string | undefined {
  let pins: Readonly<Record<string, string>> | undefined;
  return (node) => {
    if (!node.stage.pinned) return undefined;
    pins ??= Object.assign(
      {},
      ...[...reportDirectories].reverse().map((each) => readPins(join(each, 'lock.json'))),
    ) as Record<string, string>;
    const name = pinName(node);
    return Object.hasOwn(pins, name) ? pins[name] : undefined;
  };
}

function readPins(path: string): Readonly<Record<string, string>> {
  if (!existsSync(path)) return {};
  const lock = parseLock(readText(path));
  if (!lock)
    throw new InputError(
      `${path}: it cannot be read as a lock: restore it from git, or remove it and what it pins with it`,
    );
  return lock.pins ?? {};
}

/** Digest of the lock in a directory of reports; null without one. */
export function lockDigest(reportDirectory: string): string | null {
  const path = join(reportDirectory, 'lock.json');
  return existsSync(path) ? sha256(readFileSync(path)) : null;
}

/** A lock that anybody may have written; undefined if it is none. */
export function parseLock(text: string): Lock | undefined {
  const value = parseJsonText(text);
  if (!isObject(value) || !isRecordOf(isLockedNode, value['nodes'])) return undefined;
  const { lockVersion, pins, published } = value;
  const known =
    isSize(lockVersion) &&
    (pins === undefined || isRecordOf(isString, pins)) &&
    (published === undefined ||
      (isRecordOf(isPublishedOutput, published) && Object.keys(published).every(isPathBelow)));
  return known ? (value as unknown as Lock) : undefined;
}

export interface Lock {
  readonly lockVersion: number;
  readonly nodes: Readonly<Record<string, LockedNode>>;
  readonly published?: Readonly<Record<string, PublishedOutput>>;
  readonly pins?: Readonly<Record<string, string>>;
}

export interface PublishedOutput {
  readonly node: string;
  readonly output: string;
}

export interface LockedNode {
  readonly key: string;
  readonly outputs: Readonly<Record<string, string>>;
}

function isLockedNode(value: unknown): value is LockedNode {
  return isObject(value) && isDigest(value['key']) && isRecordOf(isDigest, value['outputs']);
}

function isPublishedOutput(value: unknown): value is PublishedOutput {
  return isObject(value) && isString(value['node']) && isString(value['output']);
}

/** Whether a path, with forward slashes, names something below the directory that it is relative to. */
export function isPathBelow(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\\0]/.test(path);
}
