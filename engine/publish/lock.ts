import { byCodePoint } from '../graph/canonical-json.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { Outcome } from '../plan/scan.ts';

/**
 * The lock: each complete node with its key and the digests of its outputs, a line each, sorted. The same on every
 * machine, for any number of workers and any order of work.
 */
export function lockText(graph: Graph, outcome: (node: GraphNode) => Outcome, key: (node: GraphNode) => string | undefined): string {
  const lines: [string, string][] = [];
  for (const node of graph.nodes) {
    const outputs = outcome(node);
    const nodeKey = key(node);
    if (outputs === undefined || outputs === 'absent' || nodeKey === undefined) continue;
    const digests = Object.keys(node.stage.outputs)
      .sort()
      .map((output) => `${JSON.stringify(output)}: "${outputs[output]!.digest}"`);
    lines.push([node.name, `    ${JSON.stringify(node.name)}: { "key": "${nodeKey}", "outputs": { ${digests.join(', ')} } }`]);
  }
  lines.sort(([a], [b]) => byCodePoint(a, b));
  return `{\n  "lockVersion": 1,\n  "nodes": {\n${lines.map(([, line]) => line).join(',\n')}\n  }\n}\n`;
}
