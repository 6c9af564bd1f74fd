/** A command that is declared where it is called: for pipelines that are one file. */
import { Type } from '@sinclair/typebox';
import { many } from './artifact.ts';
import type { ArtifactType } from './artifact.ts';
import { canonicalJson } from './canonical-json.ts';
import { commandLine, defineCommand, lineBy } from './command.ts';
import type { Command } from './command.ts';
import type { Label, Resources } from './declaration.ts';
import { a, checkMembers, isHandle, maybe, recordOf } from './declared.ts';
import type { Kind } from './declared.ts';
import { GraphError, currentGraph } from './graph.ts';
import type { GraphBuilder, Handle } from './graph.ts';
import type { OutputHandles, Stage } from './stage.ts';

type Inputs = Readonly<Record<string, Handle | readonly Handle[]>>;
type Outputs = Readonly<Record<string, ArtifactType>>;
type Params = Readonly<Record<string, unknown>>;

export interface CommandCall<P extends Params, I extends Inputs, O extends Outputs> extends Omit<
  Command,
  'run' | 'files' | 'programs'
> {
  readonly name: string;
  /** One sentence for `graph`. Default: the name. */
  readonly summary?: string;
  /** What the command line is made of, besides paths: the values by which the nodes of a sweep are told apart. */
  readonly params?: P;
  /** Handles, or lists of handles of one type. */
  readonly inputs?: I;
  readonly outputs: O;
  /** Patterns of the files of the project that the command sees. Default: none. */
  readonly files?: readonly string[];
  /** The parameters by which nodes are named, in the order of the name. */
  readonly labels?: readonly Label[];
  readonly resources?: Resources;
  /**
   * The program and its arguments; no shell reads them. Paths are relative to the folder in which the command runs:
   * `({ params, inputs, outputs }) => ['python3', 'fit.py', '--seed', params.seed, inputs.points, outputs.fit]`. A list is
   * followed by options for all of them: `['python3', 'fit.py']` is called with `--seed 1 --points inputs/points.csv
   * --fit outputs/fit.json`.
   */
  readonly run: readonly (string | number)[] | LineOf<P, I, O>;
}

type LineOf<P, I, O> = (placeholders: {
  readonly params: P;
  readonly inputs: { readonly [K in keyof I]: I[K] extends readonly unknown[] ? readonly string[] : string };
  readonly outputs: { readonly [K in keyof O]: string };
  /** A folder that survives a crash of this node and is gone once it succeeded: for checkpoints. */
  readonly scratch: string;
}) => readonly (string | number)[];

/** A list of a program and its arguments, and options for all parameters, inputs and outputs. */
function withOptions(words: readonly (string | number)[]): Command['run'] {
  return ({ params, inputs, outputs }) => [
    ...words,
    ...[params, inputs, outputs]
      .flatMap((part) => Object.entries(part))
      .flatMap(([name, value]) => [
        `--${name}`,
        ...(Array.isArray(value) ? (value as unknown[]) : [value]).map((each) =>
          typeof each === 'number' || typeof each === 'string' ? each : JSON.stringify(each),
        ),
      ]),
  ];
}

const outputOrList: Kind = {
  expected: 'an output of a command or stage, a source, or a list of these',
  accepts: (value) => isHandle(value) || (Array.isArray(value) && value.every(isHandle)),
};

/** What a call of `command` holds. */
const members = {
  name: {
    expected: 'a name of letters, digits, "-", "_" and "." that begins with a letter',
    accepts: (value) => typeof value === 'string' && /^[A-Za-z][\w.-]*$/.test(value),
  },
  summary: maybe(a.text),
  params: maybe(a.object),
  inputs: maybe(recordOf(outputOrList)),
  outputs: {
    ...recordOf(a.type),
    expected: 'at least one output: { fit: json(...) }',
    accepts: (value) => a.object.accepts(value) && Object.keys(value).length > 0,
  },
  files: maybe(a.texts),
  variables: maybe(recordOf(a.anyText)),
  environment: maybe({
    expected: 'python(...), r(...), container(...) or tools(...)',
    accepts: (value) => a.object.accepts(value) && typeof (value as { kind?: unknown }).kind === 'string',
  }),
  timeLimit: maybe({ ...a.positive, expected: 'seconds, a number above 0' }),
  memoryLimit: maybe({ ...a.positive, expected: 'bytes, a number above 0' }),
  sandbox: maybe({ expected: '"strict"', accepts: (value) => value === 'strict' }),
  labels: maybe(a.list),
  resources: maybe(a.object),
  run: {
    expected: 'a list of a program and its arguments, or a function that returns one',
    accepts: (value) => typeof value === 'function' || (Array.isArray(value) && value.length > 0),
  },
} satisfies Record<keyof CommandCall<Params, Inputs, Outputs>, Kind>;

type AnyStage = Stage<ReturnType<typeof Type.Object>>;

interface Known {
  readonly declared: string;
  readonly stage: AnyStage;
}

/** By graph, the stages that calls made, each with what it was declared as. */
const stages = new WeakMap<GraphBuilder, Map<string, Known>>();

/**
 * Adds a node that runs a command, and returns handles of its outputs; the same as `defineCommand` and a call of what it
 * returns. All calls of one name are one stage: they differ in params and inputs, so a sweep is a loop. Throws a
 * GraphError where they differ otherwise.
 */
export function command<
  P extends Params = Params,
  const I extends Inputs = Record<string, never>,
  const O extends Outputs = Outputs,
>(call: CommandCall<P, I, O>): OutputHandles<O> {
  checkMembers('command', call, members);
  const { name, summary = name, params = {}, inputs = {}, outputs, files = [], labels, resources, ...rest } = call;
  const { run: given, ...settings } = rest;
  const run = typeof given === 'function' ? (given as unknown as Command['run']) : withOptions(given);
  const names = [params, inputs, outputs].flatMap((part) => Object.keys(part));
  const twice = names.find((one, i) => names.indexOf(one) < i);
  if (twice !== undefined && typeof given !== 'function')
    throw new GraphError(
      `command "${name}": "${twice}" is the name of two of its params, inputs and outputs, which are options of the same name: rename one`,
    );
  const types = Object.fromEntries(
    Object.entries(inputs).map(([input, given]) => [
      input,
      Array.isArray(given) ? many(typeOfList(given)) : (given as Handle).type,
    ]),
  );
  const shown = { ...{ name, summary, outputs, files, labels, resources }, ...settings };
  const declared = canonicalJson(JSON.parse(JSON.stringify({ ...shown, inputs: Object.keys(inputs) })));
  const graph = currentGraph();
  let known = stages.get(graph);
  if (!known) stages.set(graph, (known = new Map<string, Known>()));
  let stage = known.get(name);
  if (stage && stage.declared !== declared)
    throw new GraphError(
      `two calls of command "${name}" differ in more than params and inputs: expected the same outputs, files and settings, or another name`,
    );
  if (!stage) {
    const made = defineCommand({
      ...{ name, summary, files, outputs, inputs: types, run: run, ...settings },
      params: Type.Object({}),
      ...(labels && { labels }),
      ...(resources && { execution: { resources } }),
    });
    known.set(name, (stage = { declared, stage: made as unknown as AnyStage }));
  }
  // Its line is that of this call, which may be made of what is around the call.
  (stage.stage.declaration.command as { run: Command['run'] }).run = run;
  const handles = stage.stage(params, inputs);
  const { node } = handles;
  if (lineBy(run, node).join('\0') !== commandLine(node).join('\0'))
    throw new GraphError(
      `two calls of command "${name}" with the same params and inputs have different command lines: put what differs into params, for example params: { seed }`,
    );
  return handles as unknown as OutputHandles<O>;
}

function typeOfList(handles: readonly Handle[]): ArtifactType {
  return handles[0]?.type ?? { id: 'nothing', extension: '', determinism: { level: 'bytes' } };
}
