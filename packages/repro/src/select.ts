import { InputError, oneOf } from './errors.ts';
import { CoordinateIndex, spelled } from './graph/coordinates.ts';
import type { Coordinate } from './graph/coordinates.ts';
import type { Key } from './graph/digest.ts';
import type { Graph, GraphNode } from './graph/graph.ts';
import { fullNumber, parseFraction } from './graph/numbers.ts';
import { plainName } from './graph/shown-name.ts';
import { didYouMean } from './nearest.ts';

/** By node index, the keys that are known: those of nodes whose inputs are complete. */
export type KnownKeys = readonly (Key | undefined)[];

/**
 * The nodes that patterns name: `train` (all of a stage), `train[small]` (those that a group asked for), `train[m=39]`
 * (those with that parameter, in their name or not), `train[alpha=1.*]` and `fit*` (`*` stands for any text), a name as
 * it is shown (`train small α=0.5 m=39`), or the first six or more digits of a key. `keys` is asked only where a pattern
 * looks like a key. Throws an InputError for a pattern that names no node.
 */
export function matchNodes(graph: Graph, patterns: readonly string[], keys?: () => KnownKeys): GraphNode[] {
  const chosen = new Set<GraphNode>();
  const coordinates = new CoordinateIndex();
  for (const written of patterns) {
    const pattern = plainName(written);
    if (pattern.includes('[') && !/(\]|\*|#[0-9a-f]+)$/.test(pattern))
      throw new InputError(`${written}: expected "]" at its end`);
    const exact = graph.byName.get(pattern);
    let found = exact ? [exact] : graph.nodes.filter(matcher(pattern, coordinates));
    if (found.length === 0 && keys && /^[0-9a-f]{6,64}$/.test(pattern)) found = withKey(graph, pattern, keys());
    if (found.length === 0) throw new InputError(`${written}: ${whyNone(graph, pattern, coordinates)}`);
    for (const node of found) chosen.add(node);
  }
  return [...chosen];
}

/** The nodes and all that they need. */
export function withInputs(nodes: Iterable<GraphNode>): Set<GraphNode> {
  const closed = new Set<GraphNode>();
  const open = [...nodes];
  for (let node = open.pop(); node; node = open.pop()) {
    if (closed.has(node)) continue;
    closed.add(node);
    for (const { handles } of node.inputs)
      for (const { node: producer } of handles) if (producer.kind === 'node') open.push(producer);
  }
  return closed;
}

/** The nodes whose key begins so. Throws an InputError where these are several. */
function withKey(graph: Graph, prefix: string, keys: KnownKeys): GraphNode[] {
  const found = graph.nodes.filter(({ index }) => keys[index]?.startsWith(prefix));
  if (found.length > 1) {
    const names = found.slice(0, 4).map(({ name }) => name);
    throw new InputError(
      `${prefix}: ${found.length} keys begin so (${names.join(', ')}${found.length > 4 ? ', ...' : ''}): expected more digits`,
    );
  }
  return found;
}

interface Part {
  /** Undefined for a part without "=": a group. */
  readonly label: RegExp | undefined;
  readonly value: RegExp;
  /** Where the value is written as a number. */
  readonly number: number | undefined;
}

function matcher(pattern: string, coordinates: CoordinateIndex): (node: GraphNode) => boolean {
  const { stage, parts, digest } = parsePattern(pattern);
  if (parts.length === 0) return (node) => stage.test(node.stage.name) || stage.test(node.name);
  return (node) =>
    stage.test(node.stage.name) &&
    (digest === '' || node.name.endsWith(digest)) &&
    parts.every((part) => hasPart(node, part, coordinates));
}

function parsePattern(pattern: string): { stage: RegExp; parts: Part[]; digest: string } {
  const bracket = pattern.indexOf('[');
  if (bracket < 0) return { stage: wildcard(pattern), parts: [], digest: '' };
  const [inside = '', digest = ''] = pattern.slice(bracket + 1).split(/\](?=#|$)/);
  const parts = inside.split(',').map((text): Part => {
    const equals = text.indexOf('=');
    if (equals < 0) return { label: undefined, value: wildcard(text), number: undefined };
    const value = text.slice(equals + 1);
    const number = parseFraction(value) ?? (/^-?[\d.]+(e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined);
    return { label: wildcard(text.slice(0, equals)), value: wildcard(value), number };
  });
  return { stage: wildcard(pattern.slice(0, bracket)), parts, digest };
}

function hasPart(node: GraphNode, { label, value, number }: Part, coordinates: CoordinateIndex): boolean {
  if (label === undefined) return node.groups.some((group) => value.test(group)) || value.source === '^.*$';
  for (const [path, own] of coordinates.of(node)) {
    if (!label.test(path) && !label.test(path.slice(path.lastIndexOf('.') + 1))) continue;
    if (number !== undefined && typeof own === 'number' && sameNumber(number, own)) return true;
    if (spellings(own).some((text) => value.test(text))) return true;
  }
  return false;
}

/** Equal to the digits that names show. */
function sameNumber(written: number, own: number): boolean {
  return Math.abs(written - own) <= 1e-11 * Math.max(Math.abs(written), Math.abs(own));
}

function spellings(value: Coordinate): string[] {
  return typeof value === 'number'
    ? [...new Set([spelled(value), fullNumber(value), String(value)])]
    : [spelled(value), String(value)];
}

const mostValues = 12;

/** Why a pattern names no node: the part that none has, and what there is instead. */
function whyNone(graph: Graph, pattern: string, coordinates: CoordinateIndex): string {
  const stages = [...new Set(graph.nodes.map(({ stage }) => stage.name))];
  const { stage, parts } = parsePattern(pattern);
  const ofStage = graph.nodes.filter((node) => stage.test(node.stage.name));
  const example = graph.nodes.find(({ name }) => name.includes('['))?.name;
  if (ofStage.length === 0 || parts.length === 0) {
    const written = pattern.includes('[') ? pattern.slice(0, pattern.indexOf('[')) : pattern;
    const like = example === undefined ? '' : ` or a name like ${example}`;
    return `no node has this name${didYouMean(written, stages)}: expected a stage (${stages.join(', ')})${like}`;
  }
  for (const part of parts) {
    if (ofStage.some((node) => hasPart(node, part, coordinates))) continue;
    const name = ofStage[0]!.stage.name;
    if (part.label === undefined) {
      const groups = [...new Set(ofStage.flatMap((node) => node.groups))];
      return `no node of ${name} belongs to such a group: expected ${groups.length > 0 ? groups.join(', ') : 'a parameter such as m=10'}`;
    }
    const values = new Map<string, Coordinate>();
    let label = '';
    for (const node of ofStage) {
      for (const [path, value] of coordinates.of(node)) {
        const last = path.slice(path.lastIndexOf('.') + 1);
        if (!part.label.test(path) && !part.label.test(last)) continue;
        label = last;
        values.set(spelled(value), value);
      }
    }
    if (values.size === 0) {
      const labels = [...new Set(ofStage.flatMap((node) => [...coordinates.of(node).keys()]))];
      return `${name} has no such parameter${didYouMean(text(part.label), labels)}: ${oneOf(labels)}`;
    }
    const sorted = [...values].sort(([a, x], [b, y]) =>
      typeof x === 'number' && typeof y === 'number' ? x - y : a < b ? -1 : 1,
    );
    const listed = sorted.slice(0, mostValues).map(([spelling]) => spelling);
    const more = sorted.length > mostValues ? ` and ${sorted.length - mostValues} more` : '';
    return `no node of ${name} has this ${label} in this parameter set: expected one of ${listed.join(', ')}${more}`;
  }
  return `no node has all of these${example === undefined ? '' : `: expected a name like ${example}`}`;
}

/** What a wildcard was made of. */
function text(pattern: RegExp): string {
  return pattern.source.slice(1, -1).replaceAll('.*', '*').replaceAll('\\', '');
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\/]/g, '\\$&').replaceAll('*', '.*')}$`);
}
