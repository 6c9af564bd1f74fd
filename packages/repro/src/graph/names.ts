import { canonicalJson } from './canonical-json.ts';
import { CoordinateIndex, spelled } from './coordinates.ts';
import type { Coordinates } from './coordinates.ts';
import type { Label } from './declaration.ts';
import { asNodeName, sha256 } from './digest.ts';
import type { Digest, NodeName } from './digest.ts';
import type { GraphNode } from './node.ts';
import { fullNumber } from './numbers.ts';

/**
 * The names of nodes, in their order: the stage and, in brackets, the first group that asked for the node and the
 * labels that the stage declares: `train[small,alpha=0.5,gamma=-5/9,m=17]`. So far a name says only what the node
 * itself is, and it is the same in every parameter set. Where two nodes have one name, the other parameters in which
 * they differ go in front of the labels; where parameters do not tell them apart, a short digest does.
 */
export function nameNodes(nodes: readonly GraphNode[]): NodeName[] {
  const coordinates = new CoordinateIndex();
  const names = new Array<string>(nodes.length);
  let areTold = true;
  for (const [plain, same] of groupBy(nodes, (node) => nameOf(node, coordinates))) {
    if (same.length === 1) {
      names[same[0]!.index] = plain;
      continue;
    }
    areTold = false;
    const extras = tellingParameters(same, coordinates);
    for (const node of same) names[node.index] = nameOf(node, coordinates, extras);
  }
  if (areTold) return names.map(asNodeName);
  let identities: readonly Digest[] | undefined;
  // Of all nodes: a parameter that was put in front may give one the name of another, whose label looks the same.
  for (const [name, alike] of groupBy(nodes, ({ index }) => names[index]!)) {
    if (alike.length === 1) continue;
    identities ??= identityDigests(nodes);
    const length = distinguishingLength(alike.map((node) => identities![node.index]!));
    for (const node of alike) names[node.index] = `${name}#${identities[node.index]!.slice(0, length)}`;
  }
  return names.map(asNodeName);
}

/** A parameter that tells nodes of one name apart. */
interface Extra {
  readonly path: string;
  /** The last part of the path, where that is enough. */
  readonly label: string;
  readonly format: (value: number) => string;
}

function nameOf(node: GraphNode, index: CoordinateIndex, extras: readonly Extra[] = []): string {
  const { name: stage, labels = [] } = node.stage;
  const parts = node.groups.length > 0 ? [node.groups[0]!] : [];
  if (labels.length > 0 || extras.length > 0) {
    const own = index.of(node);
    const replaced = new Set<string>();
    for (const { path, label, format } of extras) {
      if (!own.has(path)) continue;
      replaced.add(path);
      parts.push(`${label}=${spelled(own.get(path)!, format)}`);
    }
    for (const label of labels) {
      if (replaced.has(pathOf(label)) || !isShown(label, own)) continue;
      parts.push(`${shownAs(label)}=${spelled(own.get(pathOf(label))!)}`);
    }
  }
  return parts.length > 0 ? `${stage}[${parts.join(',')}]` : stage;
}

function isShown(label: Label, own: Coordinates): boolean {
  const value = own.get(pathOf(label));
  return value !== undefined && value !== null && (typeof label === 'string' || value !== label.unless);
}

function pathOf(label: Label): string {
  return typeof label === 'string' ? label : label.param;
}

function shownAs(label: Label): string {
  return (typeof label === 'string' ? undefined : label.as) ?? lastPart(pathOf(label));
}

/** The parameters that differ among nodes of one name, sorted. One that only some of them have differs. */
function tellingParameters(nodes: readonly GraphNode[], index: CoordinateIndex): Extra[] {
  const values = new Map<string, Set<unknown>>();
  const counts = new Map<string, number>();
  for (const node of nodes) {
    for (const [path, value] of index.of(node)) {
      let set = values.get(path);
      if (!set) values.set(path, (set = new Set()));
      set.add(value);
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
  }
  const telling = [...values].filter(([path, set]) => set.size > 1 || counts.get(path)! < nodes.length);
  const lastParts = new Map<string, number>();
  for (const [path] of telling) lastParts.set(lastPart(path), (lastParts.get(lastPart(path)) ?? 0) + 1);
  return telling
    .map(([path, set]): Extra => {
      const label = lastParts.get(lastPart(path)) === 1 ? lastPart(path) : path;
      const numbers = [...set].filter((value) => typeof value === 'number');
      const short = new Set(numbers.map((value) => spelled(value)));
      return { path, label, format: short.size === numbers.length ? (value) => spelled(value) : fullNumber };
    })
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** By node index: the digest of a node's own place in the graph, which other nodes, added or removed, do not change. */
function identityDigests(nodes: readonly GraphNode[]): Digest[] {
  const digests: Digest[] = [];
  for (const { stage, paramsJson, inputs } of nodes) {
    const places = inputs.map(({ name, handles }) => [
      name,
      handles.map(({ node: producer, output }) =>
        producer.kind === 'node' ? [digests[producer.index]!, output] : producer.path,
      ),
    ]);
    digests.push(sha256(canonicalJson([stage.name, stage.variant, paramsJson, places])));
  }
  return digests;
}

function distinguishingLength(digests: readonly string[]): number {
  let length = 8;
  while (new Set(digests.map((digest) => digest.slice(0, length))).size < digests.length) length += 8;
  return length;
}
