import { canonicalJson } from './canonical-json.ts';
import { sha256 } from './digest.ts';
import type { GraphNode } from './node.ts';
import { shortNumber } from './numbers.ts';

/** A parameter as names and patterns know it. */
export type Coordinate = string | number | boolean | null;

/** By the path of the parameter: `m`, `initialBias.mean`. */
export type Coordinates = ReadonlyMap<string, Coordinate>;

/**
 * The parameters of a node and of what it is made from: a measurement has those of the training that it measures,
 * where its single inputs agree on them. What it collects from many has no say.
 */
export class CoordinateIndex {
  readonly #known = new Map<GraphNode, Coordinates>();

  of(node: GraphNode): Coordinates {
    const known = this.#known.get(node);
    if (known) return known;
    // Producers first, by a list of our own: a chain may be longer than the stack is deep.
    const open = [node];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const unknown = singleProducers(top).filter((producer) => !this.#known.has(producer));
      if (unknown.length > 0) {
        open.push(...unknown);
        continue;
      }
      open.pop();
      if (!this.#known.has(top)) this.#known.set(top, this.#merge(top));
    }
    return this.#known.get(node)!;
  }

  #merge(node: GraphNode): Coordinates {
    const merged = new Map<string, Coordinate>();
    const disagreed = new Set<string>();
    for (const producer of singleProducers(node)) {
      for (const [path, value] of this.#known.get(producer)!) {
        if (merged.has(path) && merged.get(path) !== value) disagreed.add(path);
        else merged.set(path, value);
      }
    }
    for (const path of disagreed) merged.delete(path);
    flatten('', node.params, merged);
    return merged;
  }
}

function singleProducers({ inputs }: GraphNode): GraphNode[] {
  return inputs.flatMap(({ arity, handles }) =>
    arity === 'many' || arity === 'available'
      ? []
      : handles.flatMap(({ node }) => (node.kind === 'node' ? [node] : [])),
  );
}

/** Members of objects by their path; a list stands for itself by a digest. */
function flatten(prefix: string, value: object, into: Map<string, Coordinate>): void {
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    if (member === undefined) continue;
    const path = prefix + name;
    if (member === null || typeof member !== 'object') into.set(path, member as Coordinate);
    else if (Array.isArray(member)) into.set(path, sha256(canonicalJson(member)).slice(0, 8));
    else flatten(`${path}.`, member, into);
  }
}

/** As names show it. What has a meaning in patterns, or cannot be seen, is replaced. */
export function spelled(value: Coordinate, number: (value: number) => string = shortNumber): string {
  return typeof value === 'number'
    ? number(value)
    : String(value).replace(/[\u0000-\u001f\u007f-\u009f,[\]#*=\s]/g, '_');
}
