import type { GraphNode } from '../graph/graph.ts';
import type { Execution } from '../graph/stage.ts';

/**
 * Holds a batch back until the nodes that feed the rest of it have finished: a batch that started with the first node
 * that is ready would run it alone.
 */
export class Feeders {
  readonly #executionOf: (node: GraphNode) => Execution | undefined;
  readonly #laneOf: (node: GraphNode) => string;
  readonly #selected: ReadonlySet<GraphNode>;
  /** By node that is ready or running, the lanes of batched stages that it feeds. */
  readonly #fed = new Map<GraphNode, Set<string>>();
  /** By lane, how many nodes that are ready or running have yet to feed a node of it. */
  readonly #waits = new Map<string, number>();

  constructor(
    executionOf: (node: GraphNode) => Execution | undefined,
    laneOf: (node: GraphNode) => string,
    selected: ReadonlySet<GraphNode>,
  ) {
    this.#executionOf = executionOf;
    this.#laneOf = laneOf;
    this.#selected = selected;
  }

  /** A node became ready. Batched nodes hold up no batch: they may be of the same lane. */
  expect(node: GraphNode): void {
    if (this.#executionOf(node)?.batchBy || this.#fed.has(node)) return;
    const lanes = new Set<string>();
    for (const dependent of node.dependents) {
      const execution = this.#executionOf(dependent);
      if (this.#selected.has(dependent) && execution?.batchBy && execution.batchWaits !== false)
        lanes.add(this.#laneOf(dependent));
    }
    if (lanes.size === 0) return;
    this.#fed.set(node, lanes);
    for (const lane of lanes) this.#waits.set(lane, (this.#waits.get(lane) ?? 0) + 1);
  }

  /** It ended, one way or another. Returns the lanes that nothing holds up any more. */
  ended(node: GraphNode): string[] {
    const released: string[] = [];
    for (const lane of this.#fed.get(node) ?? []) {
      const left = this.#waits.get(lane)! - 1;
      if (left > 0) this.#waits.set(lane, left);
      else {
        this.#waits.delete(lane);
        released.push(lane);
      }
    }
    this.#fed.delete(node);
    return released;
  }

  hold(lane: string): boolean {
    return this.#waits.has(lane);
  }
}
