import type { Graph, GraphNode } from '../graph/graph.ts';
import { matchNodes, withInputs } from '../select.ts';
import { knownKeys, planAll, planNodes } from './scan.ts';
import type { Decision, Scan } from './scan.ts';

/** The nodes that a pattern names, and what was decided about them. */
export interface Matching {
  readonly nodes: readonly GraphNode[];
  /** By node index, of these nodes and all that they need; others may be undefined. */
  readonly decisions: readonly (Decision | undefined)[];
}

/**
 * Decides about the nodes that a pattern names and what they need, and about no others, without running anything. Only
 * where the pattern looks like a key are all nodes decided about: a key is known no earlier. Throws an InputError for a
 * pattern that names no node.
 */
export function planMatching(graph: Graph, scan: Scan, pattern: string): Matching {
  let all: Decision[] | undefined;
  const nodes = matchNodes(graph, [pattern], () => knownKeys((all ??= planAll(graph, scan))));
  return { nodes, decisions: all ?? planNodes(inOrder(withInputs(nodes)), scan) };
}

/** A node comes after all that it needs. */
function inOrder(nodes: Iterable<GraphNode>): GraphNode[] {
  return [...nodes].sort((a, b) => a.index - b.index);
}
