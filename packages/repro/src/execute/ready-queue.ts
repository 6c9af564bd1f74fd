import { canonicalJson } from '../graph/canonical-json.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Execution } from '../graph/stage.ts';
import { nodeCost } from '../plan/node-cost.ts';

/**
 * Nodes that may start, those with the most work behind them first. They wait in lanes: the nodes of a lane ask for
 * the same resources, so when one of them does not fit, none of its lane does, and the others need not queue behind it.
 */
export class ReadyQueue {
  readonly #lanes = new Map<string, Heap>();
  readonly #priority: Float64Array;
  readonly #laneOf: (node: GraphNode) => string;
  #size = 0;

  /** `priority` is indexed by node index. */
  constructor(priority: Float64Array, laneOf: (node: GraphNode) => string) {
    this.#priority = priority;
    this.#laneOf = laneOf;
  }

  get size(): number {
    return this.#size;
  }

  push(node: GraphNode): void {
    const lane = this.#laneOf(node);
    let heap = this.#lanes.get(lane);
    if (!heap) this.#lanes.set(lane, (heap = new Heap(this.#priority)));
    heap.push(node);
    this.#size++;
  }

  /** The first node, leaving out some lanes. */
  pop(without: ReadonlySet<string>): { readonly node: GraphNode; readonly lane: string } | undefined {
    let best: string | undefined;
    let first: GraphNode | undefined;
    for (const [lane, heap] of this.#lanes) {
      const { top } = heap;
      if (top && !without.has(lane) && (!first || heap.isBefore(top, first))) [best, first] = [lane, top];
    }
    return best === undefined ? undefined : { node: this.popFrom(best)!, lane: best };
  }

  popFrom(lane: string): GraphNode | undefined {
    const node = this.#lanes.get(lane)?.pop();
    if (node) this.#size--;
    return node;
  }
}

/** A binary heap. */
class Heap {
  readonly #nodes: GraphNode[] = [];
  readonly #priority: Float64Array;

  constructor(priority: Float64Array) {
    this.#priority = priority;
  }

  get top(): GraphNode | undefined {
    return this.#nodes[0];
  }

  push(node: GraphNode): void {
    const heap = this.#nodes;
    heap.push(node);
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.isBefore(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  pop(): GraphNode | undefined {
    const heap = this.#nodes;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || heap.length === 0) return top;
    heap[0] = last!;
    for (let i = 0; ;) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && this.isBefore(heap[child]!, heap[first]!)) first = child;
      }
      if (first === i) return top;
      [heap[i], heap[first]] = [heap[first]!, heap[i]!];
      i = first;
    }
  }

  isBefore(a: GraphNode, b: GraphNode): boolean {
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

/** Nodes of one lane take the same resources and, if they are batched, may run in one job. */
export function laneOf(node: GraphNode, execution: Execution | undefined): string {
  const names = execution?.batchBy;
  return names
    ? `${node.stage.name} ${canonicalJson(names.map((name) => node.params[name] ?? null))}`
    : node.stage.name;
}
