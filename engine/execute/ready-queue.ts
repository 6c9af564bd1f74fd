import type { GraphNode } from '../graph/graph.ts';
import { nodeCost } from '../plan/stage-totals.ts';

/** Nodes that may start, those with the most work behind them first. A binary heap. */
export class ReadyQueue {
  readonly #heap: GraphNode[] = [];
  readonly #priority: Float64Array;

  /** `priority` is indexed by node index. */
  constructor(priority: Float64Array) {
    this.#priority = priority;
  }

  get size(): number {
    return this.#heap.length;
  }

  push(node: GraphNode): void {
    const heap = this.#heap;
    heap.push(node);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#before(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  pop(): GraphNode | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || heap.length === 0) return top;
    heap[0] = last!;
    for (let i = 0; ; ) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && this.#before(heap[child]!, heap[first]!)) first = child;
      }
      if (first === i) return top;
      [heap[i], heap[first]] = [heap[first]!, heap[i]!];
      i = first;
    }
  }

  #before(a: GraphNode, b: GraphNode): boolean {
    const difference = this.#priority[a.index]! - this.#priority[b.index]!;
    return difference > 0 || (difference === 0 && a.index < b.index);
  }
}

/** The longest chain of work that starts with each node, by node index. */
export function criticalPaths(nodes: readonly GraphNode[]): Float64Array {
  const priority = new Float64Array(nodes.length);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    let behind = 0;
    for (const dependent of node.dependents) behind = Math.max(behind, priority[dependent.index]!);
    priority[i] = behind + nodeCost(node);
  }
  return priority;
}
