import type { ArtifactType, ColumnType } from './artifact.ts';
import { canonicalJson } from './canonical-json.ts';
import { asNodeName } from './digest.ts';
import { isObject } from '../is-object.ts';
import { nameNodes } from './names.ts';
import type { Resources, StageDeclaration } from './declaration.ts';
import type { Graph, GraphNode, Handle, NodeInput } from './node.ts';
import { areNearlyEqual } from './numbers.ts';
import { typeProblem } from './type-problem.ts';
import { variablesProblem } from './variables.ts';

export type { Graph, GraphNode, Handle } from './node.ts';

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
  /** The group whose nodes are being added, if any. */
  group: string | undefined;

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

    refuseUnwritable(rawParams, `stage ${stage.name}: `);
    const params = plainValue(this.#check(stage, rawParams), `stage ${stage.name}: `);
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
    if (interned) {
      this.#askedForBy(interned);
      return interned;
    }

    const node: Mutable<GraphNode> = {
      kind: 'node',
      index: this.#nodes.length,
      stage,
      params,
      paramsJson,
      inputs,
      groups: [],
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
    this.#askedForBy(node);
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
      checkInputs(stage);
      checkOutputs(stage);
      checkBackends(stage);
      checkResources(stage);
      const problem = variablesProblem(stage);
      if (problem !== undefined) throw new GraphError(`stage ${name}: ${problem}`);
      known.set(variant, stage);
    } else if (same !== stage && isOwn(same) !== isOwn(stage))
      throw new GraphError(`a stage is named "${name}", as is one of repro's own: give yours another name`);
    else if (same !== stage)
      throw new GraphError(
        variant !== undefined && same.variant === variant
          ? `two stages are named "${name}" and have the variant "${variant}": give one another variant`
          : `two stages are named "${name}": give one another name`,
      );
  }

  #askedForBy({ groups }: GraphNode): void {
    const { group: asking } = this;
    if (asking !== undefined && !groups.includes(asking)) (groups as string[]).push(asking);
  }

  finish(): Graph {
    refuseNearlyEqual(this.#nodes);
    const names = nameNodes(this.#nodes);
    const byName = new Map<string, GraphNode>();
    this.#nodes.forEach((node, i) => {
      node.name = names[i]!;
      byName.set(node.name, node);
    });
    return { nodes: this.#nodes, byName };
  }
}

/** The name of an input is that of its file in the folder of a job. Throws a GraphError. */
function checkInputs({ name, inputs }: StageDeclaration): void {
  for (const [input, given] of Object.entries(inputs)) {
    if (!/^[^/\\"\u0000-\u001f]+$/.test(input) || ['.', '..', '__proto__'].includes(input))
      throw new GraphError(`stage ${name}: input ${JSON.stringify(input)}: expected a name that a file can have`);
    const problem = typeProblem(isObject(given) && 'arity' in given ? given['type'] : given);
    if (problem !== undefined) throw new GraphError(`stage ${name}: input ${JSON.stringify(input)}: ${problem}`);
  }
}

/** The name of a backend is part of that of its file, and its class of keys. Throws a GraphError. */
function checkBackends({ name, backends }: StageDeclaration): void {
  if (!backends) return;
  if (Object.keys(backends).length === 0)
    throw new GraphError(`stage ${name}: backends: none: expected at least one, or no \`backends\``);
  for (const [backend, { numericClass }] of Object.entries(backends)) {
    if (!/^[A-Za-z][\w-]*$/.test(backend))
      throw new GraphError(
        `stage ${name}: backend ${JSON.stringify(backend)}: expected a name of letters, digits, "-" and "_" that begins with a letter`,
      );
    if (typeof numericClass !== 'string' || numericClass === '')
      throw new GraphError(
        `stage ${name}: backend ${backend}: numericClass ${JSON.stringify(numericClass)}: expected a name`,
      );
  }
}

/** What the scheduler adds up and compares. Throws a GraphError. */
function checkResources({ name, execution, backends = {} }: StageDeclaration): void {
  for (const { resources = {} } of [execution ?? {}, ...Object.values(backends)])
    for (const [resource, amount] of Object.entries(resources) as [string, number | undefined][]) {
      if (!resourceNames.includes(resource))
        throw new GraphError(`stage ${name}: resources: ${resource}: expected some of ${resourceNames.join(', ')}`);
      if (amount !== undefined && !(Number.isFinite(amount) && amount >= 0))
        throw new GraphError(`stage ${name}: resources: ${resource} = ${amount}: expected a number from 0 on`);
    }
}

const resourceNames = ['cpu', 'accelerator', 'memoryBytes'] satisfies (keyof Resources)[] as string[];

/**
 * The name of an output is the name of its file, up to the first dot, where results are kept; `trace` is the file that
 * says how they were made. Its type must be one that a file can have. Throws a GraphError.
 */
function checkOutputs({ name, outputs }: StageDeclaration): void {
  for (const [output, type] of Object.entries(outputs)) {
    const problem = typeProblem(type);
    if (problem !== undefined) throw new GraphError(`stage ${name}: output "${output}": ${problem}`);
    const { extension, columns = {} } = type;
    if (!/^[A-Za-z][\w-]*$/.test(output))
      throw new GraphError(
        `stage ${name}: output ${JSON.stringify(output)}: expected a name of letters, digits, "-" and "_" that begins with a letter`,
      );
    if (output === 'trace') throw new GraphError(`stage ${name}: output "trace": the name is reserved: choose another`);
    if (!/^(\.\w[\w-]*)*$/.test(extension))
      throw new GraphError(
        `stage ${name}: output "${output}": extension ${JSON.stringify(extension)}: expected one with its dot, such as ".svg"`,
      );
    for (const [column, cells] of Object.entries(columns))
      if (!columnTypes.includes(cells))
        throw new GraphError(
          `stage ${name}: output "${output}": column "${column}" is of the type ${JSON.stringify(cells)}: expected one of ${columnTypes.join(', ')}`,
        );
  }
}

/** Whether it is a stage of repro, such as `figure`. */
function isOwn({ code }: StageDeclaration): boolean {
  return code?.protocol === 'repro:';
}

const columnTypes: readonly ColumnType[] = ['number', 'integer', 'boolean', 'text'];

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

/**
 * Calls `build`; the nodes that it asks for belong to the group. A node is named by the first group that asks for it,
 * so that the order of groups in a pipeline decides, and is selected by each of them: `train[density]`. The group is in
 * no key: a node that two groups ask for is one node.
 */
export function group<T>(name: string, build: () => T): T {
  if (!/^[A-Za-z][\w.-]*$/.test(name))
    throw new GraphError(`group "${name}": expected letters, digits, ".", "_" or "-"`);
  const graph = currentGraph();
  const outer = graph.group;
  graph.group = name;
  try {
    return build();
  } finally {
    graph.group = outer;
  }
}

/**
 * A value as keys spell it. -0 is 0, so that a stage cannot tell them apart. What JSON does not write as what it is, such as a
 * date or a map, would have one key for many values. Throws a GraphError. `path`: what messages call it.
 */
function plainValue<T>(value: T, path: string): T {
  if (Object.is(value, -0)) return 0 as T;
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value);
  const kind: unknown = Object.getPrototypeOf(value);
  if (!isList && kind !== Object.prototype && kind !== null)
    throw new GraphError(
      `${path} is a ${(value.constructor as { name?: string } | undefined)?.name ?? 'special object'}: expected text, numbers, true, false, null, and lists and objects of these`,
    );
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'object' ? member !== null : Object.is(member, -0)) {
      const separator = path.endsWith(' ') ? '' : '.';
      const below = `${path}${isList ? `[${name}]` : `${separator}${name}`}`;
      (value as Record<string, unknown>)[name] = plainValue(member as unknown, below);
    }
  }
  return value;
}

/** Refuses what JSON cannot write at all, which no copy can be made of either. Throws a GraphError. `path`: as above. */
function refuseUnwritable(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new GraphError(`${path} = ${value}: expected a finite number`);
  if (['function', 'symbol', 'bigint'].includes(typeof value))
    throw new GraphError(
      `${path} is a ${typeof value}: expected text, numbers, true, false, null, and lists and objects of these`,
    );
  if (typeof value !== 'object' || value === null) return;
  const separator = path.endsWith(' ') ? '' : '.';
  for (const [name, member] of Object.entries(value))
    refuseUnwritable(member, `${path}${Array.isArray(value) ? `[${name}]` : `${separator}${name}`}`);
}

/** Two values of one parameter that differ by rounding alone would be two models with one name. */
function refuseNearlyEqual(nodes: readonly GraphNode[]): void {
  const values = new Map<string, Set<number>>();
  const collect = (path: string, value: unknown): void => {
    if (typeof value === 'number' && !Number.isInteger(value)) {
      const known = values.get(path);
      if (known) known.add(value);
      else values.set(path, new Set([value]));
    } else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) collect(`${path}.${name}`, member);
    }
  };
  for (const { stage, params } of nodes) collect(stage.name, params);
  for (const [parameter, set] of values) {
    const sorted = [...set].sort((a, b) => a - b);
    sorted.forEach((value, i) => {
      if (i > 0 && areNearlyEqual(sorted[i - 1]!, value)) {
        throw new GraphError(
          `${parameter} = ${sorted[i - 1]!} and ${value}: nearer than 1e-9 of their size: expected one value: write both alike, or as a fraction such as "5/9"`,
        );
      }
    });
  }
}
