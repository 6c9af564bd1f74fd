import { canonicalJson } from '../graph/canonical-json.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Execution } from '../graph/stage.ts';
import { nodeCost } from '../plan/node-cost.ts';

/** A lane: the nodes of one shape that may start, and whether they are held back. */
interface Lane {
  readonly nodes: Heap;
  parked: boolean;
}

/**
 * Nodes that may start, those with the most work behind them first. The nodes of a lane may run in one job. The lanes
 * of a group ask for the same resources: when a node of one of them does not fit, none of the group does, and the others
 * need not queue behind it. What each call costs does not depend on the number of lanes.
 */
export class ReadyQueue {
  readonly #lanes = new Map<string, Lane>();
  /**
   * By group, the first node of each of its lanes, and some that no longer are: these are passed over when they come up.
   */
  readonly #groups = new Map<string, Heap>();
  readonly #priority: Float64Array;
  readonly #laneOf: (node: GraphNode) => string;
  readonly #groupOf: (node: GraphNode) => string;
  #size = 0;

  /** `priority` is indexed by node index. */
  constructor(priority: Float64Array, laneOf: (node: GraphNode) => string, groupOf: (node: GraphNode) => string) {
    this.#priority = priority;
    this.#laneOf = laneOf;
    this.#groupOf = groupOf;
  }

  get size(): number {
    return this.#size;
  }

  push(node: GraphNode): void {
    const name = this.#laneOf(node);
    let lane = this.#lanes.get(name);
    if (!lane) this.#lanes.set(name, (lane = { nodes: new Heap(this.#priority), parked: false }));
    lane.nodes.push(node);
    this.#size++;
    if (lane.nodes.top === node) this.#show(lane);
  }

  /** The first node, leaving out some groups and the lanes that are parked. */
  pop(
    without: ReadonlySet<string>,
  ): { readonly node: GraphNode; readonly lane: string; readonly group: string } | undefined {
    let first: GraphNode | undefined;
    let best = '';
    for (const [group, heap] of this.#groups) {
      if (without.has(group)) continue;
      while (heap.top && !this.#isShown(heap.top)) heap.pop();
      const { top } = heap;
      if (top && (!first || heap.isBefore(top, first))) [best, first] = [group, top];
    }
    if (!first) return undefined;
    const lane = this.#laneOf(first);
    return { node: this.popFrom(lane)!, lane, group: best };
  }

  popFrom(name: string): GraphNode | undefined {
    const lane = this.#lanes.get(name);
    const node = lane?.nodes.pop();
    if (!lane || !node) return undefined;
    this.#size--;
    this.#show(lane);
    return node;
  }

  /** How many nodes of a lane may start. */
  countOf(name: string): number {
    return this.#lanes.get(name)?.nodes.size ?? 0;
  }

  /** Holds the nodes of a lane back until it is unparked. */
  park(name: string): void {
    const lane = this.#lanes.get(name);
    if (lane) lane.parked = true;
  }

  unpark(name: string): void {
    const lane = this.#lanes.get(name);
    if (!lane?.parked) return;
    lane.parked = false;
    this.#show(lane);
  }

  #show({ nodes: { top }, parked }: Lane): void {
    if (!top || parked) return;
    const group = this.#groupOf(top);
    let heap = this.#groups.get(group);
    if (!heap) this.#groups.set(group, (heap = new Heap(this.#priority)));
    heap.push(top);
  }

  #isShown(node: GraphNode): boolean {
    const lane = this.#lanes.get(this.#laneOf(node))!;
    return !lane.parked && lane.nodes.top === node;
  }
}

/** A binary heap. */
class Heap {
  readonly #nodes: GraphNode[] = [];
  readonly #priority: Float64Array;

  constructor(priority: Float64Array) {
    this.#priority = priority;
  }

  get size(): number {
    return this.#nodes.length;
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

/**
 * The same order within each rank, those of the lowest rank first; within it, what is made of other nodes before what
 * these are made of, so that what was begun is finished.
 */
export function rankedPaths(
  nodes: readonly GraphNode[],
  paths: Float64Array,
  rank: (node: GraphNode) => number,
): Float64Array {
  const depth = new Float64Array(nodes.length);
  for (const node of nodes)
    for (const dependent of node.dependents)
      depth[dependent.index] = Math.max(depth[dependent.index]!, depth[node.index]! + 1);
  const key = new Map(nodes.map((node) => [node, rank(node)]));
  const order = [...nodes].sort(
    (a, b) =>
      key.get(b)! - key.get(a)! ||
      depth[a.index]! - depth[b.index]! ||
      paths[a.index]! - paths[b.index]! ||
      b.index - a.index,
  );
  const ranked = new Float64Array(nodes.length);
  order.forEach((node, i) => (ranked[node.index] = i));
  return ranked;
}

/**
 * The names of the lanes of nodes. Nodes of one lane take the same resources and, if they are batched, may run in one job.
 */
export function laneNames(executionOf: (node: GraphNode) => Execution | undefined): (node: GraphNode) => string {
  const known = new Map<GraphNode, string>();
  return (node) => {
    let lane = known.get(node);
    if (lane === undefined) {
      const names = executionOf(node)?.batchBy;
      lane = names ? batchName(node, names, executionOf(node)) : `${node.stage.name} ${node.stage.variant ?? ''}`;
      known.set(node, lane);
    }
    return lane;
  };
}

/** Variants of a stage may run in one job, each with its own code, where they take the same and see the same variables. */
function batchName({ stage, params }: GraphNode, shared: readonly string[], execution: Execution | undefined): string {
  const { batchWaits = true, maximumBatch = null } = execution ?? {};
  const { variables = null, settings = null } = stage as { readonly variables?: unknown; readonly settings?: unknown };
  const values = shared.map((parameter) => params[parameter] ?? null);
  const same = [resourceGroup(execution), batchWaits, maximumBatch, variables, settings];
  return `${stage.name} ${canonicalJson([values, ...same])}`;
}

/** What a node takes, as text: nodes that take the same fit or do not fit together. */
export function resourceGroup(execution: Execution | undefined): string {
  const { cpu = 1, accelerator = 0, memoryBytes = 0 } = execution?.resources ?? {};
  return `${cpu} ${accelerator} ${memoryBytes}`;
}
