import type { ArtifactType } from './artifact.ts';
import { canonicalJson } from './canonical-json.ts';
import { asNodeName } from './digest.ts';
import type { NodeName } from './digest.ts';
import { nameNodes } from './names.ts';
import type { StageDeclaration } from './stage.ts';

/** A file of the repository that a stage reads as it is. */
export interface SourceFile {
  readonly kind: 'source';
  /** Relative to the root of the project, with forward slashes. */
  readonly path: string;
}

/** One call of a stage. Immutable once the graph is built. */
export interface GraphNode {
  readonly kind: 'node';
  /** Position in a topological order: inputs have smaller ones. */
  readonly index: number;
  readonly stage: StageDeclaration;
  readonly params: Readonly<Record<string, unknown>>;
  /** `params` in canonical form: half of what identifies a node, and the part of its key that the user writes. */
  readonly paramsJson: string;
  readonly inputs: readonly NodeInput[];
  /** Readable and unique: `train[alpha=1,gamma=-1,m=39]`. Empty until the graph is complete. */
  readonly name: NodeName;
  readonly dependents: readonly GraphNode[];
}

export interface NodeInput {
  readonly name: string;
  readonly arity: 'one' | 'many' | 'optional' | 'available';
  readonly handles: readonly Handle[];
}

/** An output of a node, or a source file, not yet there: what `pipeline.ts` passes around. */
export interface Handle<A extends ArtifactType = ArtifactType> {
  readonly node: GraphNode | SourceFile;
  readonly output: string;
  readonly type: A;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly byName: ReadonlyMap<string, GraphNode>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A mistake in `pipeline.ts` or in the parameters it was given; its message is for the user as it stands. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

export type ParamsCheck = (stage: StageDeclaration, params: Record<string, unknown>) => Record<string, unknown>;

export class GraphBuilder {
  readonly #nodes: Mutable<GraphNode>[] = [];
  readonly #interned = new Map<string, GraphNode>();
  readonly #stages = new Map<string, Map<string | undefined, StageDeclaration>>();
  readonly #check: ParamsCheck;

  /** `check` validates the parameters of a node and fills in defaults; it throws a GraphError. */
  constructor(check: ParamsCheck) {
    this.#check = check;
  }

  add(
    stage: StageDeclaration,
    rawParams: Record<string, unknown>,
    inputHandles: Record<string, Handle | readonly Handle[] | undefined>,
  ): GraphNode {
    this.#checkName(stage);

    const params = this.#check(stage, rawParams);
    const paramsJson = canonicalJson(params);
    const inputs = Object.entries(stage.inputs).map(([name, type]): NodeInput => {
      const given = inputHandles[name];
      const arity = 'arity' in type ? type.arity : 'one';
      const handles = given === undefined ? [] : Array.isArray(given) ? (given as Handle[]) : [given as Handle];
      if (arity === 'one' && handles.length !== 1) throw new GraphError(`${stage.name}: input "${name}" is missing`);
      const expected = 'arity' in type ? type.type : type;
      for (const handle of handles) {
        if (handle.type.id !== expected.id) {
          throw new GraphError(`${stage.name}: input "${name}" is a ${handle.type.id}: expected a ${expected.id}`);
        }
      }
      return { name, arity, handles };
    });

    let identity = `${stage.name}\n${stage.variant ?? ''}\n${paramsJson}`;
    for (const input of inputs) {
      identity += '\n' + input.name;
      for (const { node, output } of input.handles) {
        identity += node.kind === 'node' ? ` ${node.index}.${output}` : ` ${JSON.stringify(node.path)}`;
      }
    }
    const interned = this.#interned.get(identity);
    if (interned) return interned;

    const node: Mutable<GraphNode> = {
      kind: 'node',
      index: this.#nodes.length,
      stage,
      params,
      paramsJson,
      inputs,
      name: asNodeName(''),
      dependents: [],
    };
    const seen = new Set<GraphNode>();
    for (const { handles } of inputs) {
      for (const { node: producer } of handles) {
        if (producer.kind !== 'node' || seen.has(producer)) continue;
        seen.add(producer);
        (producer.dependents as GraphNode[]).push(node);
      }
    }
    this.#nodes.push(node);
    this.#interned.set(identity, node);
    return node;
  }

  /** A name belongs to one stage, or to several that are variants of it. */
  #checkName(stage: StageDeclaration): void {
    const { name, variant } = stage;
    let known = this.#stages.get(name);
    if (!known) this.#stages.set(name, (known = new Map<string | undefined, StageDeclaration>()));
    const same =
      known.get(variant) ?? (variant === undefined || known.has(undefined) ? [...known.values()][0] : undefined);
    if (same === undefined) {
      checkOutputNames(stage);
      known.set(variant, stage);
    } else if (same !== stage)
      throw new GraphError(
        variant !== undefined && same.variant === variant
          ? `two stages are named "${name}" and have the variant "${variant}": give one another variant`
          : `two stages are named "${name}": give one another name`,
      );
  }

  finish(): Graph {
    const names = nameNodes(this.#nodes);
    const byName = new Map<string, GraphNode>();
    this.#nodes.forEach((node, i) => {
      node.name = asNodeName(names[i]!);
      byName.set(node.name, node);
    });
    return { nodes: this.#nodes, byName };
  }
}

/**
 * The name of an output is the name of its file, up to the first dot, where results are kept; `trace` is the file that
 * says how they were made. Throws a GraphError.
 */
function checkOutputNames({ name, outputs }: StageDeclaration): void {
  for (const output of Object.keys(outputs)) {
    if (!/^[A-Za-z][\w-]*$/.test(output))
      throw new GraphError(
        `stage ${name}: output ${JSON.stringify(output)}: expected a name of letters, digits, "-" and "_" that begins with a letter`,
      );
    if (output === 'trace') throw new GraphError(`stage ${name}: output "trace": the name is reserved: choose another`);
  }
}

let current: GraphBuilder | undefined;

export function currentGraph(): GraphBuilder {
  if (!current) throw new GraphError('a stage was called outside the build function of a pipeline');
  return current;
}

/** Collects what stages called within `build` add, into one graph. */
export function buildGraph<T>(check: ParamsCheck, build: () => T): { graph: Graph; result: T } {
  const outer = current;
  current = new GraphBuilder(check);
  try {
    const result = build();
    return { graph: current.finish(), result };
  } finally {
    current = outer;
  }
}

/** A file of the repository as an input: its content is in the key of what reads it. */
export function source<A extends ArtifactType>(path: string, type: A): Handle<A> {
  return { node: { kind: 'source', path }, output: '', type };
}
