import { InputError, messageOf } from '../errors.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Downloads } from '../graph/stage.ts';

/** What a stage says of its nodes by its own functions: each throws an InputError if that fails, or is no amount. */

const costs = new WeakMap<GraphNode, number>();

/** Cost of a node in the unit of its stage; 1 where the stage does not say. Computed once per node. */
export function nodeCost(node: GraphNode): number {
  let cost = costs.get(node);
  if (cost === undefined) costs.set(node, (cost = amount(node, node.stage.cost ? 'cost' : 'work') ?? 1));
  return cost;
}

/** Floating-point operations; undefined where the stage does not say. */
export function nodeWork(node: GraphNode): number | undefined {
  return amount(node, 'work');
}

/** Bytes, as the stage or its resources declare them; undefined where neither does. */
export function nodeMemory(node: GraphNode, declared: number | undefined): number | undefined {
  return amount(node, 'memory') ?? declared;
}

/** Undefined where the stage does not say. */
export function nodeDownloads(node: GraphNode): Downloads | undefined {
  const downloads = asked(node, 'downloads');
  if (downloads !== undefined)
    for (const part of ['bytes', 'diskBytes'] as const)
      checkAmount(node, `downloads.${part}`, (downloads as Partial<Downloads> | null)?.[part]);
  return downloads;
}

function amount(node: GraphNode, what: 'cost' | 'work' | 'memory'): number | undefined {
  const value = asked(node, what);
  if (value !== undefined) checkAmount(node, what, value);
  return value;
}

function checkAmount({ name, stage }: GraphNode, what: string, value: unknown): void {
  if (!(Number.isFinite(value) && (value as number) >= 0))
    throw new InputError(`stage ${stage.name}: ${what} of ${name} is ${String(value)}: expected a number from 0 on`);
}

function asked<W extends 'cost' | 'work' | 'memory' | 'downloads'>(
  { name, stage, params, inputs }: GraphNode,
  what: W,
): ReturnType<NonNullable<GraphNode['stage'][W]>> | undefined {
  const ask = stage[what];
  if (!ask) return undefined;
  const feeding = inputs.map(
    ({ name, handles }) => [name, handles.flatMap(({ node }) => (node.kind === 'node' ? [node.params] : []))] as const,
  );
  try {
    return ask(params, Object.fromEntries(feeding)) as ReturnType<NonNullable<GraphNode['stage'][W]>>;
  } catch (error) {
    throw new InputError(`stage ${stage.name}: ${what} of ${name}: ${messageOf(error)}`);
  }
}
