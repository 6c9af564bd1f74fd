import type { StageTotals } from '../events.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Execution } from '../graph/stage.ts';
import { nodeCost } from './node-cost.ts';

/** The nodes by stage, in the order in which stages first occur. */
export function stageTotals(
  { execution }: { readonly execution: (node: GraphNode) => Execution | undefined },
  nodes: Iterable<GraphNode>,
  jobs: number,
): StageTotals[] {
  const totals = new Map<string, { stage: string; index: number; nodes: number; cost: number; slots: number }>();
  for (const node of nodes) {
    let total = totals.get(node.stage.name);
    if (!total) {
      const { cpu = 1, accelerator = 0 } = execution(node)?.resources ?? {};
      const slots = Math.max(
        1,
        Math.floor(Math.min(jobs / Math.max(cpu, 1e-9), accelerator > 0 ? 1 / accelerator : Infinity)),
      );
      totals.set(node.stage.name, (total = { stage: node.stage.name, index: node.index, nodes: 0, cost: 0, slots }));
    }
    total.index = Math.min(total.index, node.index);
    total.nodes++;
    total.cost += nodeCost(node);
  }
  return [...totals.values()]
    .sort((a, b) => a.index - b.index)
    .map(({ stage, nodes: count, cost, slots }) => ({ stage, nodes: count, cost, slots }));
}
