import type { StageCode } from '../code/stage-code.ts';
import type { NodeToBuild } from '../execute/executor.ts';
import type { ArtifactType } from '../graph/artifact.ts';
import { commandLine } from '../graph/command.ts';
import type { Command } from '../graph/command.ts';
import { asNodeName } from '../graph/digest.ts';
import { declaredVariables } from '../graph/variables.ts';
import type { Digest, NumericClass } from '../graph/digest.ts';
import type { GraphNode, Handle } from '../graph/graph.ts';
import type { NodeInput } from '../graph/node.ts';
import type { InputDigests } from '../plan/key.ts';
import { absent, complete, outputsOf } from '../plan/outcome.ts';
import { pathIn, sourceFolder } from '../plan/source-folder.ts';
import type { SourceFolder } from '../graph/node.ts';
import type { Outcome } from '../plan/outcome.ts';
import type { BlobReference } from '../store/store.ts';

/**
 * A node as a file: all that building it takes besides the store, so that the machine that builds it plans nothing, and
 * builds what was planned when it was submitted although the project was edited since.
 */
export interface NodeFile extends Omit<NodeToBuild, 'node'> {
  readonly name: string;
  readonly stage: {
    readonly name: string;
    readonly outputs: Readonly<Record<string, ArtifactType>>;
    /** The program and its arguments in place of the function that makes them. */
    readonly command?: Omit<Command, 'run' | 'programs'> & { readonly line: readonly string[] };
    /** Whether its bytes depend on what is installed. */
    readonly here?: boolean;
    /** The variables that it declares, as they are in its key. */
    readonly variables?: Readonly<Record<string, string>>;
    readonly settings?: readonly string[];
  };
  readonly params: Readonly<Record<string, unknown>>;
  readonly paramsJson: string;
  readonly from: readonly InputFile[];
  readonly code: StageCode;
  readonly numericClass?: NumericClass | undefined;
  readonly pin?: string | undefined;
}

interface InputFile {
  readonly name: string;
  readonly arity: NodeInput['arity'];
  readonly handles: readonly {
    readonly type: ArtifactType;
    readonly output: string;
    /** Of a node: its name, and its output if it has one. */
    readonly node?: string;
    readonly blob?: BlobReference | undefined;
    /** Of a source file: its path in the project and its content. */
    readonly path?: string;
    readonly digest?: Digest;
    /** Of a source folder: its files. */
    readonly folder?: SourceFolder;
  }[];
}

export interface DescribeContext {
  /** Of the project. */
  readonly root: string;
  readonly code: (node: GraphNode) => StageCode;
  readonly numericClass: (node: GraphNode) => NumericClass | undefined;
  readonly pinOf: (node: GraphNode) => string | undefined;
  readonly outcomeOf: (node: GraphNode) => Outcome;
}

export function describeNode({ node, ...build }: NodeToBuild, context: DescribeContext): NodeFile {
  const { command, settings } = node.stage;
  const variables = declaredVariables(node.stage);
  const from = node.inputs.map(({ name, arity, handles }) => ({
    name,
    arity,
    handles: handles.map(({ node: producer, output, type }, i) =>
      producer.kind === 'source'
        ? {
            ...{ type, output, path: producer.path, digest: digestAt(build.inputs[name], i) },
            ...(type.isFolder && { folder: sourceFolder(context.root, producer.path) }),
          }
        : { type, output, node: producer.name, blob: outputsOf(context.outcomeOf(producer))?.[output] },
    ),
  }));
  return {
    ...build,
    name: node.name,
    stage: {
      name: node.stage.name,
      outputs: node.stage.outputs,
      ...(command && { command: { ...withoutFunctions(command), line: commandLine(node) } }),
      ...(node.stage.here && { here: true }),
      ...(variables && { variables }),
      ...(settings && { settings }),
    },
    params: node.params,
    paramsJson: node.paramsJson,
    from,
    code: context.code(node),
    numericClass: context.numericClass(node),
    pin: context.pinOf(node),
  };
}

/** What the key says of the content of a source file. */
function digestAt(digests: InputDigests[string] | undefined, i: number): Digest {
  return (typeof digests === 'string' ? digests : digests![i]) as Digest;
}

function withoutFunctions({ run: _, programs: __, ...command }: Command): Omit<Command, 'run' | 'programs'> {
  return command;
}

/** The node of a file, as far as building it needs one, and what became of the nodes before it. */
export function reviveNode(file: NodeFile): {
  readonly node: GraphNode;
  readonly outcomeOf: (node: GraphNode) => Outcome;
} {
  const outcomes = new Map<GraphNode, Outcome>();
  const producers = new Map<string, { readonly node: GraphNode; readonly outputs: Record<string, BlobReference> }>();
  const inputs = file.from.map(({ name, arity, handles }): NodeInput => ({
    name,
    arity,
    handles: handles.map(({ type, output, node, blob, path, folder }): Handle => {
      if (node === undefined) return { node: { kind: 'source', path: path!, ...(folder && { folder }) }, output, type };
      let producer = producers.get(node);
      if (!producer) producers.set(node, (producer = { node: bareNode({ name: asNodeName(node) }), outputs: {} }));
      if (blob) producer.outputs[output] = blob;
      outcomes.set(
        producer.node,
        blob || Object.keys(producer.outputs).length > 0 ? complete(producer.outputs) : absent,
      );
      return { node: producer.node, output, type };
    }),
  }));
  const { command, here, ...stage } = file.stage;
  const node = bareNode({
    name: asNodeName(file.name),
    params: file.params,
    paramsJson: file.paramsJson,
    inputs,
    stage: {
      ...stage,
      summary: '',
      params: {} as GraphNode['stage']['params'],
      inputs: {},
      ...(command && { command: { ...command, run: () => command.line, programs: new Set<string>() } }),
      ...(here && { here: () => Promise.resolve({}) }),
    },
  });
  return { node, outcomeOf: (producer) => outcomes.get(producer) ?? absent };
}

function bareNode(facts: Partial<GraphNode>): GraphNode {
  return {
    kind: 'node',
    index: 0,
    stage: { name: '', summary: '', params: {} as GraphNode['stage']['params'], inputs: {}, outputs: {} },
    params: {},
    paramsJson: '{}',
    inputs: [],
    groups: [],
    name: asNodeName(''),
    dependents: [],
    ...facts,
  };
}

/** Source files of a node by path, with their content: those it reads, and those its command sees. */
export function sourcesOf({ from, code, stage }: NodeFile): Map<string, Digest> {
  const sources = new Map<string, Digest>();
  for (const { handles } of from)
    for (const { path, digest, folder } of handles) {
      if (folder)
        for (const [file, content] of Object.entries(folder.files)) sources.set(pathIn(folder, file), content);
      else if (path !== undefined) sources.set(path, digest!);
    }
  if (stage.command) for (const [path, digest] of Object.entries(code.contents ?? {})) sources.set(path, digest);
  return sources;
}
