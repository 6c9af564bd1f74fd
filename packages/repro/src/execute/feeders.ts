import type { GraphNode } from '../graph/graph.ts';
import type { Execution } from '../graph/stage.ts';
import { laneOf } from './ready-queue.ts';

/**
 * Which batches wait, and for what: a batch that started with the first node that is ready would run it alone, while the
 * nodes that feed the others of its lane are about to end.
 */
export class Feeders {
  readonly #executionOf: (node: GraphNode) => Execution | undefined;
  readonly #selected: ReadonlySet<GraphNode>;
  /** By lane of a batched stage, what is ready or running and has yet to feed a node of it. */
  readonly #byLane = new Map<string, Set<GraphNode>>();

  constructor(executionOf: (node: GraphNode) => Execution | undefined, selected: ReadonlySet<GraphNode>) {
    this.#executionOf = executionOf;
    this.#selected = selected;
  }

  /** A node became ready. Batched nodes hold up no batch: they may be of the same lane. */
  expect(node: GraphNode): void {
    if (this.#executionOf(node)?.batchBy) return;
    for (const dependent of node.dependents) {
      const execution = this.#executionOf(dependent);
      if (!execution?.batchBy || !this.#selected.has(dependent)) continue;
      const lane = laneOf(dependent, execution);
      if (!this.#byLane.has(lane)) this.#byLane.set(lane, new Set());
      this.#byLane.get(lane)!.add(node);
    }
  }

  /** It ended, one way or another. */
  ended(node: GraphNode): void {
    for (const feeding of this.#byLane.values()) feeding.delete(node);
  }

  hold(lane: string): boolean {
    return (this.#byLane.get(lane)?.size ?? 0) > 0;
  }
}
