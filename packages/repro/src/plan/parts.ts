import { InputError, oneOf } from '../errors.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { PipelinePart } from '../pipeline.ts';
import { withInputs } from '../select.ts';

/** The nodes that a part makes, without what they need. */
export function madeBy({ outputs }: PipelinePart): GraphNode[] {
  return outputs.flatMap(({ node }) => (node.kind === 'node' ? [node] : []));
}

/** The nodes of the named parts. Throws an InputError for a part that the set does not have. */
export function nodesOfParts(parts: readonly PipelinePart[], names: readonly string[]): GraphNode[] {
  return names.flatMap((name) => {
    const part = parts.find((one) => one.name === name);
    if (part) return madeBy(part);
    throw new InputError(
      parts.length === 0
        ? `--part ${name}: this parameter set has no parts`
        : `--part ${name}: no such part: ${oneOf(parts.map((one) => one.name))}`,
    );
  });
}

/** The place of a node in the order of parts: that of the first part that needs it; behind all others if none does. */
export function partRanks(parts: readonly PipelinePart[]): (node: GraphNode) => number {
  const ranks = new Map<GraphNode, number>();
  parts.forEach((part, rank) => {
    for (const node of withInputs(madeBy(part))) if (!ranks.has(node)) ranks.set(node, rank);
  });
  return (node) => ranks.get(node) ?? parts.length;
}
