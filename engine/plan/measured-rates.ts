import type { Graph, GraphNode } from '../graph/graph.ts';
import type { Store } from '../store/store.ts';
import { nodeCost } from './stage-totals.ts';
import type { Trace } from './trace.ts';

/** Enough to know a rate by; a store may hold a hundred thousand results. */
const sampledResults = 2000;

/**
 * Seconds per unit of cost of each stage, by the traces of what the store holds, whatever parameter set it was made
 * for. Stages of which it holds nothing made on the same backend are left out.
 */
export function measuredRates(
  { graph, store, numericClass }: { readonly graph: Graph; readonly store: Store; readonly numericClass: (node: GraphNode) => string | undefined },
): Map<string, number> {
  const stages = new Map<string, GraphNode>();
  for (const node of graph.nodes) if (!stages.has(node.stage.name)) stages.set(node.stage.name, node);

  const sums = new Map<string, { seconds: number; cost: number }>();
  const keys = store.keys();
  const stride = Math.max(1, keys.length / sampledResults);
  for (let i = 0; i < keys.length; i += stride) {
    const result = store.readResult(keys[Math.floor(i)]!);
    const bytes = result && store.read(result.trace);
    if (!bytes) continue;
    const trace = JSON.parse(Buffer.from(bytes).toString('utf8')) as Trace;
    const representative = stages.get(trace.stage);
    if (!representative || trace.backend !== numericClass(representative)) continue;
    const cost = costOf(representative, trace);
    if (!(cost > 0)) continue;
    const sum = sums.get(trace.stage) ?? { seconds: 0, cost: 0 };
    sums.set(trace.stage, { seconds: sum.seconds + trace.seconds, cost: sum.cost + cost });
  }
  return new Map([...sums].map(([stage, { seconds, cost }]) => [stage, seconds / cost]));
}

/** The trace may be of an older declaration, whose parameters the present cost does not understand. */
function costOf({ stage }: GraphNode, { params }: Trace): number {
  try {
    return nodeCost({ stage, params });
  } catch {
    return NaN;
  }
}
