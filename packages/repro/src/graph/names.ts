import { canonicalJson } from './canonical-json.ts';
import { createHash } from 'node:crypto';
import type { GraphNode } from './graph.ts';

type Coordinates = ReadonlyMap<string, string | number | boolean | null>;

/**
 * The names of nodes, in their order: stage and, in brackets, the parameters that vary among the nodes of that
 * stage, sorted. A node has the parameters of its single inputs too (a measurement is named like the training it
 * measures). Never an index; where parameters do not tell two nodes apart, a short digest does.
 */
export function nameNodes(nodes: readonly GraphNode[]): string[] {
  const coordinates: Coordinates[] = [];
  const byStage = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    coordinates.push(coordinatesOf(node, coordinates));
    const group = byStage.get(node.stage.name);
    if (group) group.push(node);
    else byStage.set(node.stage.name, [node]);
  }

  const names: string[] = new Array<string>(nodes.length);
  let identities: readonly string[] | undefined;
  for (const [stage, group] of byStage) {
    const varying = varyingKeys(group.map((node) => coordinates[node.index]!));
    const taken = new Map<string, GraphNode[]>();
    for (const node of group) {
      const own = coordinates[node.index]!;
      const shown = varying
        .filter(({ key }) => own.has(key))
        .map(({ key, label, format }) => `${label}=${format(own.get(key)!)}`);
      const name = shown.length ? `${stage}[${shown.join(',')}]` : stage;
      names[node.index] = name;
      const same = taken.get(name);
      if (same) same.push(node);
      else taken.set(name, [node]);
    }
    for (const [name, same] of taken) {
      if (same.length === 1) continue;
      identities ??= identityDigests(nodes);
      const length = distinguishingLength(same.map((node) => identities![node.index]!));
      for (const node of same) names[node.index] = `${name}#${identities[node.index]!.slice(0, length)}`;
    }
  }
  return names;
}

function coordinatesOf(node: GraphNode, known: readonly Coordinates[]): Coordinates {
  const merged = new Map<string, string | number | boolean | null>();
  const disagreed = new Set<string>();
  for (const { arity, handles } of node.inputs) {
    if (arity === 'many' || arity === 'available') continue;
    for (const { node: producer } of handles) {
      if (producer.kind !== 'node') continue;
      for (const [key, value] of known[producer.index]!) {
        if (merged.has(key) && merged.get(key) !== value) disagreed.add(key);
        else merged.set(key, value);
      }
    }
  }
  for (const key of disagreed) merged.delete(key);
  flatten('', node.params, merged);
  return merged;
}

function flatten(prefix: string, value: unknown, into: Map<string, string | number | boolean | null>): void {
  for (const [key, member] of Object.entries(value as Record<string, unknown>)) {
    const path = prefix + key;
    if (member === undefined) continue;
    if (member === null || typeof member !== 'object') into.set(path, member as string | number | boolean | null);
    else if (Array.isArray(member)) into.set(path, shortDigest(canonicalJson(member)));
    else flatten(`${path}.`, member, into);
  }
}

interface VaryingKey {
  readonly key: string;
  readonly label: string;
  readonly format: (value: string | number | boolean | null) => string;
}

function varyingKeys(group: readonly Coordinates[]): VaryingKey[] {
  const values = new Map<string, Set<string | number | boolean | null>>();
  const counts = new Map<string, number>();
  for (const own of group) {
    for (const [key, value] of own) {
      let set = values.get(key);
      if (!set) values.set(key, (set = new Set()));
      set.add(value);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const varying = [...values].filter(([key, set]) => set.size > 1 || counts.get(key)! < group.length);
  const lastParts = new Map<string, number>();
  for (const [key] of varying) lastParts.set(lastPart(key), (lastParts.get(lastPart(key)) ?? 0) + 1);
  return varying
    .map(([key, set]): VaryingKey => {
      const label = lastParts.get(lastPart(key)) === 1 ? lastPart(key) : key;
      return { key, label, format: formatFor(set) };
    })
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}

/** Four significant digits where these still tell the values apart. */
function formatFor(values: ReadonlySet<string | number | boolean | null>): VaryingKey['format'] {
  const short = new Set([...values].map((value) => (typeof value === 'number' ? rounded(value) : String(value))));
  return short.size === values.size
    ? (value) => (typeof value === 'number' ? rounded(value) : String(value))
    : (value) => String(value);
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** By node index: the digest of a node's own place in the graph, which other nodes, added or removed, do not change. */
function identityDigests(nodes: readonly GraphNode[]): string[] {
  const digests: string[] = [];
  for (const { stage, paramsJson, inputs } of nodes) {
    const places = inputs.map(({ name, handles }) => [
      name,
      handles.map(({ node: producer, output }) =>
        producer.kind === 'node' ? [digests[producer.index]!, output] : producer.path,
      ),
    ]);
    digests.push(
      createHash('sha256')
        .update(canonicalJson([stage.name, stage.variant ?? '', paramsJson, places]))
        .digest('hex'),
    );
  }
  return digests;
}

function distinguishingLength(digests: readonly string[]): number {
  let length = 8;
  while (new Set(digests.map((digest) => digest.slice(0, length))).size < digests.length) length += 8;
  return length;
}
