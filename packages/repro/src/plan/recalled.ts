import type { GraphNode } from '../graph/graph.ts';
import type { BlobReference } from '../store/store.ts';
import type { Decision } from './scan.ts';

/**
 * The decisions as a run takes them: nodes with a result whose bytes are not here run again where these are needed, by what
 * is to run or by what is published. `isHere`: whether bytes are here, or can be brought.
 */
export function withRecalled(
  nodes: Iterable<GraphNode>,
  decisions: readonly Decision[],
  published: (node: GraphNode) => readonly string[],
  isHere: (blob: BlobReference) => boolean,
): Decision[] {
  const taken = [...decisions];
  const open: GraphNode[] = [];
  const recall = (node: GraphNode, outputs: readonly string[]): void => {
    const decision = taken[node.index]!;
    if (decision.state !== 'fresh' || outputs.every((output) => isHere(decision.result.outputs[output]!))) return;
    taken[node.index] = {
      ...{ state: 'missing', key: decision.key, inputs: {} },
      reasons: [{ kind: 'bytes needed', details: [] }],
    };
    open.push(node);
  };
  for (const node of nodes) {
    if (taken[node.index]!.state !== 'fresh') open.push(node);
    else recall(node, published(node));
  }
  for (let node = open.pop(); node; node = open.pop())
    for (const { handles } of node.inputs)
      for (const { node: producer, output } of handles) if (producer.kind === 'node') recall(producer, [output]);
  return taken;
}
