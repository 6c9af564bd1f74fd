import { InputError } from './errors.ts';
import type { Graph, GraphNode } from './graph/graph.ts';
import { didYouMean } from './params/nearest.ts';

/**
 * The nodes that patterns name: `train` (all of a stage), `train[m=39]` (those with that parameter among others),
 * `train[alpha=1.*]` and `fit*` (`*` stands for any text). Throws an InputError for a pattern that names none.
 */
export function matchNodes(graph: Graph, patterns: readonly string[]): GraphNode[] {
  const chosen = new Set<GraphNode>();
  for (const pattern of patterns) {
    if (pattern.includes('[') && !/(\]|\*|#[0-9a-f]+)$/.test(pattern))
      throw new InputError(`${pattern}: expected "]" at its end`);
    const exact = graph.byName.get(pattern);
    const found = exact ? [exact] : graph.nodes.filter(matcher(pattern));
    if (found.length === 0) {
      const stages = new Set(graph.nodes.map(({ stage }) => stage.name));
      const hint = didYouMean(pattern, pattern.includes('[') ? graph.byName.keys() : stages);
      const example = graph.nodes.find(({ name }) => name.includes('['))?.name;
      throw new InputError(
        `${pattern}: no node has this name${hint}: expected a stage (${[...stages].join(', ')})${example === undefined ? '' : ` or a name like ${example}`}`,
      );
    }
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

function matcher(pattern: string): (node: GraphNode) => boolean {
  const bracket = pattern.indexOf('[');
  const stage = wildcard(bracket < 0 ? pattern : pattern.slice(0, bracket));
  if (bracket < 0) return (node) => stage.test(node.stage.name) || stage.test(node.name);
  const wanted = pattern
    .slice(bracket + 1)
    .replace(/\](#.*)?$/, '')
    .split(',')
    .map(wildcard);
  return (node) => {
    if (!stage.test(node.stage.name)) return false;
    const shown = node.name
      .slice(node.stage.name.length)
      .replace(/^\[|\](#.*)?$/g, '')
      .split(',');
    return wanted.every((want) => shown.some((part) => want.test(part)));
  };
}

function wildcard(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}
