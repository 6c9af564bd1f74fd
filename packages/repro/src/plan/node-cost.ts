import type { GraphNode } from '../graph/graph.ts';
import type { Downloads, StageDeclaration } from '../graph/stage.ts';

/** What estimates look at: a node of the graph, or one that a trace tells of. */
export interface CostedCall {
  readonly stage: StageDeclaration;
  readonly params: Readonly<Record<string, unknown>>;
  /** By input name. */
  readonly feeding: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

const costs = new WeakMap<GraphNode, number>();

/** Cost of a node in the unit of its stage; 1 where the stage does not say. Computed once per node. */
export function nodeCost(node: GraphNode): number {
  let cost = costs.get(node);
  if (cost === undefined) costs.set(node, (cost = costOf(callOf(node))));
  return cost;
}

function costOf({ stage, params, feeding }: CostedCall): number {
  return (stage.cost ?? stage.work)?.(params, feeding) ?? 1;
}

/** Floating-point operations; undefined where the stage does not say. */
export function nodeWork(node: GraphNode): number | undefined {
  return node.stage.work?.(node.params, callOf(node).feeding);
}

/** Bytes, as the stage or its resources declare them; undefined where neither does. */
export function nodeMemory(node: GraphNode, declared: number | undefined): number | undefined {
  return node.stage.memory?.(node.params, callOf(node).feeding) ?? declared;
}

/** Undefined where the stage does not say. */
export function nodeDownloads(node: GraphNode): Downloads | undefined {
  return node.stage.downloads?.(node.params, callOf(node).feeding);
}

function callOf({ stage, params, inputs }: GraphNode): CostedCall {
  const feeding = inputs.map(
    ({ name, handles }) => [name, handles.flatMap(({ node }) => (node.kind === 'node' ? [node.params] : []))] as const,
  );
  return { stage, params, feeding: Object.fromEntries(feeding) };
}
