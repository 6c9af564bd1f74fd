import type { Static, TObject } from '@sinclair/typebox';
import type { ArtifactType, Available, InputType, Many, Optional } from './artifact.ts';
import type { StageDeclaration } from './declaration.ts';
import { sha256 } from './digest.ts';
import { canonicalJson } from './canonical-json.ts';
import { EnvironmentType, environmentNode } from '../environments/environment.ts';
import type { Environment } from '../environments/environment.ts';
import { startedPrograms } from '../environments/started-programs.ts';
import { a, checkMembers, maybe, recordOf } from './declared.ts';
import type { Kind } from './declared.ts';
import { GraphError } from './graph.ts';
import type { GraphNode } from './graph.ts';
import { defineStage, stageMembers } from './stage.ts';
import { declaredVariables } from './variables.ts';
import type { Stage } from './stage.ts';

/** A stage that is a program in any language: what of the project it sees, and how it is called. */
export interface Command {
  /** Patterns of the files of the project that the command sees, from its root: `analysis/**\/*.py`. */
  readonly files: readonly string[];
  /** Variables of its environment, besides PATH, a HOME of its own, LANG=C.UTF-8 and TZ=UTC. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What is installed for it: `python({ lock: 'requirements.txt' })`. Default: what is on the PATH. */
  readonly environment?: Environment;
  /** Seconds after which the command is ended and the node fails. Default: no limit. */
  readonly timeLimit?: number;
  /** Bytes of memory, of all its processes together, beyond which it is ended and the node fails. Default: no limit. */
  readonly memoryLimit?: number;
  /** `strict`: the rest of the machine and the network are hidden from it, by bubblewrap (bwrap). */
  readonly sandbox?: 'strict';
  readonly run: (placeholders: Placeholders) => readonly (string | number)[];
  /** Names of the programs that its nodes start, as far as they are known; filled in when nodes are added. */
  readonly programs: Set<string>;
}

interface Placeholders {
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly scratch: string;
}

/** Paths, relative to the folder in which the command runs. */
type PathOf<T extends InputType> = T extends Many | Available
  ? readonly string[]
  : T extends Optional
    ? string | undefined
    : string;

export interface CommandDeclaration<
  P extends TObject,
  I extends Record<string, InputType>,
  O extends Record<string, ArtifactType>,
>
  extends
    Omit<StageDeclaration<P, I, O>, 'code' | 'backends' | 'pinned' | 'command' | 'here' | 'variables' | 'settings'>,
    Omit<Command, 'run' | 'programs'> {
  /**
   * The program and its arguments; no shell reads them. Paths are relative to the folder in which the command runs, which
   * holds the declared files and inputs and nothing else of the project: `['python3', 'analysis/fit.py', inputs.points]`.
   */
  readonly run: (placeholders: {
    readonly params: Static<P>;
    readonly inputs: { readonly [K in keyof I]: PathOf<I[K]> };
    readonly outputs: { readonly [K in keyof O]: string };
    /** A folder that survives a crash of this node and is gone once it succeeded: for checkpoints. */
    readonly scratch: string;
  }) => readonly (string | number)[];
}

const { name, variant, summary, params, labels, inputs, outputs } = stageMembers;
const { execution, work, cost, memory, downloads, calibrate, withoutIt } = stageMembers;
/** Limits are checked below, with what they were. */
const limit: Kind = maybe({ expected: 'a number above 0', accepts: () => true });

/** What the declaration of a command holds. */
const commandMembers = {
  ...{ name, variant, summary, params, labels, inputs, outputs },
  ...{ execution, work, cost, memory, downloads, calibrate, withoutIt },
  files: a.texts,
  variables: maybe(recordOf(a.anyText)),
  environment: maybe(a.object),
  timeLimit: limit,
  memoryLimit: limit,
  sandbox: maybe({ expected: '"strict"', accepts: (value) => value === 'strict' }),
  run: a.call,
} satisfies Readonly<Record<string, Kind>>;

/**
 * Declares a stage that runs a command. It runs in a folder of its own with a clean environment; a file that was not
 * declared is not there. A line `@progress 0.4` that it prints says how far it is.
 */
export function defineCommand<
  P extends TObject,
  const I extends Record<string, InputType>,
  const O extends Record<string, ArtifactType>,
>(declaration: CommandDeclaration<P, I, O>): Stage<P, I, O> {
  checkMembers('defineCommand', declaration, commandMembers);
  const { files, variables, environment, timeLimit, memoryLimit, sandbox, run, ...stage } = declaration;
  for (const [member, limit] of Object.entries({ timeLimit, memoryLimit }))
    if (limit !== undefined && !(Number.isFinite(limit) && limit > 0))
      throw new GraphError(
        `command ${stage.name}: ${member} = ${limit}: expected a number above 0, or none for no limit`,
      );
  const command: Command = {
    files,
    ...(variables && { variables }),
    ...(environment && { environment }),
    ...(timeLimit !== undefined && { timeLimit }),
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(sandbox && { sandbox }),
    run: run as unknown as Command['run'],
    programs: new Set(),
  };
  if (environment && 'environment' in stage.inputs)
    throw new GraphError(
      `command ${stage.name}: input "environment": the name is that of its environment: choose another`,
    );
  const inputs = environment ? { ...stage.inputs, environment: EnvironmentType } : stage.inputs;
  const defined = defineStage({ ...stage, inputs, command });
  const call: (...given: Parameters<typeof defined>) => ReturnType<typeof defined> = (params, handles) => {
    const all = environment ? { ...handles, environment: environmentNode(environment) } : handles;
    const added = defined(params, all);
    for (const program of startedPrograms(commandLine(added.node))) command.programs.add(program);
    return added;
  };
  return Object.assign(call, { declaration: defined.declaration });
}

const lines = new WeakMap<GraphNode, readonly string[]>();

/** The program and arguments of a node of a command stage. Throws a GraphError if its `run` gives something else. */
export function commandLine(node: GraphNode): readonly string[] {
  const known = lines.get(node);
  if (known) return known;
  const line = lineBy(node.stage.command!.run, node);
  lines.set(node, line);
  return line;
}

/** What a function of the placeholders gives for a node: its program and arguments. */
export function lineBy(run: Command['run'], node: GraphNode): readonly string[] {
  const { outputs, name, command } = node.stage;
  // What is installed for a command is on its PATH.
  const handed = node.inputs.filter((input) => !command?.environment || input.name !== 'environment');
  const given = run({
    params: node.params,
    inputs: Object.fromEntries(
      handed.map(({ name: input, arity, handles }) => {
        const isList = arity === 'many' || arity === 'available';
        const paths = handles.map(({ type }, i) => `inputs/${inputName(input, type, isList ? i : undefined)}`);
        return [input, isList ? paths : paths[0]];
      }),
    ),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([output, type]) => [output, `outputs/${inputName(output, type, undefined)}`]),
    ),
    scratch: 'scratch',
  });
  const expected = 'expected a list of a program and its arguments, text and finite numbers';
  if (!Array.isArray(given) || given.length === 0)
    throw new GraphError(`stage ${name}: run gave ${JSON.stringify(given)}: ${expected}`);
  const isWord = (word: unknown): boolean => typeof word === 'string' || (typeof word === 'number' && isFinite(word));
  const wrong = given.findIndex((word) => !isWord(word));
  if (wrong >= 0) {
    const word: unknown = given[wrong];
    const shown = typeof word === 'number' ? `${word}` : ((JSON.stringify(word) as string | undefined) ?? typeof word);
    const after = wrong === 0 ? '' : `, after ${JSON.stringify(given[wrong - 1])},`;
    throw new GraphError(`stage ${name}: run gave a list whose word ${wrong + 1}${after} is ${shown}: ${expected}`);
  }
  return given.map(String);
}

/** The name of an input in the folder of a job. `index`: of an input that is a list, the place in it. */
export function inputName(input: string, { extension, isFolder }: ArtifactType, index: number | undefined): string {
  return `${input}${index === undefined ? '' : `-${index}`}${isFolder ? '' : extension}`;
}

/** How many threads libraries of numerics may use in a command: what they add up depends on it. */
export function threadsOf({ execution }: Pick<StageDeclaration, 'execution'>): number {
  return Math.max(1, Math.round(execution?.resources?.cpu ?? 1));
}

/** Digest of how a command is called, or of the variables that a stage declares, for keys; undefined for other stages. */
export function environmentOf(node: GraphNode): string | undefined {
  const { command } = node.stage;
  if (command) {
    const threads = threadsOf(node.stage);
    const called = { command: commandLine(node), variables: command.variables ?? {} };
    return sha256(canonicalJson({ ...called, ...(threads > 1 && { threads }) }));
  }
  const variables = declaredVariables(node.stage);
  return variables && sha256(canonicalJson({ variables }));
}
