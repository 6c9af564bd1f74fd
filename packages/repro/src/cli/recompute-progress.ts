import { shownName } from '../graph/shown-name.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Recomputed } from '../travel/recompute.ts';
import { terminalLine } from '../escape.ts';

/**
 * Says on a terminal which nodes of a sample were computed again, as each ends: `2/24 train small α=1 m=17, 3.1 s`. What
 * they need and is elsewhere is computed again too, and not counted.
 */
export function recomputeProgress(
  drawn: readonly GraphNode[],
  stream: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
): (node: GraphNode, result: Recomputed) => void {
  const sample = new Set(drawn);
  const ended = new Set<GraphNode>();
  return (node, result) => {
    if (!stream.isTTY) return;
    const what = result.state === 'done' ? `${result.seconds.toFixed(1)} s` : result.state.replace('-', ' ');
    const count = sample.has(node) ? `${ended.add(node).size}/${sample.size}` : 'needed:';
    stream.write(`${count} ${terminalLine(shownName(node.name))}, ${what}\n`);
  };
}
