import type { Static, TObject } from '@sinclair/typebox';
import type { ArtifactType, Available, InputType, Many, Optional } from './artifact.ts';
import type { StageDeclaration } from './declaration.ts';
import { a, check, checkMembers, DeclarationError, maybe } from './declared.ts';
import type { Kind } from './declared.ts';
import { currentGraph } from './graph.ts';
import { isObject } from '../is-object.ts';
import { didYouMean } from '../nearest.ts';
import type { GraphNode, Handle } from './node.ts';

export type {
  BackendExecution,
  BackendProbe,
  Downloads,
  Execution,
  Resources,
  StageDeclaration,
} from './declaration.ts';

export type InputHandle<T extends InputType> = T extends Many<infer A> | Available<infer A>
  ? readonly Handle<A>[]
  : T extends Optional<infer A>
    ? Handle<A> | undefined
    : T extends ArtifactType
      ? Handle<T>
      : never;

export type InputHandles<I extends Record<string, InputType>> = { readonly [K in keyof I]: InputHandle<I[K]> };
export type OutputHandles<O extends Record<string, ArtifactType>> = { readonly [K in keyof O]: Handle<O[K]> } & {
  readonly node: GraphNode;
};

export interface Stage<
  P extends TObject = TObject,
  I extends Record<string, InputType> = Record<string, InputType>,
  O extends Record<string, ArtifactType> = Record<string, ArtifactType>,
> {
  (params: Static<P>, inputs: InputHandles<I>): OutputHandles<O>;
  readonly declaration: StageDeclaration<P, I, O>;
}

/** What the declaration of a stage holds. */
export const stageMembers = {
  name: {
    expected: 'a name of letters, digits, "-", "_" and "." that begins with a letter',
    accepts: (value) => typeof value === 'string' && /^[A-Za-z][\w.-]*$/.test(value),
  },
  variant: maybe(a.anyText),
  summary: maybe(a.anyText),
  code: maybe({ expected: "new URL('./run.ts', import.meta.url)", accepts: (value) => value instanceof URL }),
  command: maybe(a.object),
  here: maybe(a.call),
  variables: maybe({
    expected: 'names of variables, or an object of their values',
    accepts: (value) => Array.isArray(value) || isObject(value),
  }),
  settings: maybe(a.list),
  params: {
    expected: 'a schema: Type.Object({ ... })',
    accepts: (value) => isObject(value) && ['type', 'properties'].some((name) => name in value),
  },
  labels: maybe(a.list),
  inputs: { ...a.object, expected: 'types by name, { points: Points }, or {}' },
  outputs: { ...a.object, expected: 'types by name, { fit: Fit }' },
  execution: maybe(a.object),
  backends: maybe(a.object),
  work: maybe(a.call),
  cost: maybe(a.call),
  memory: maybe(a.call),
  downloads: maybe(a.call),
  calibrate: maybe(a.call),
  pinned: maybe(a.object),
  withoutIt: maybe(a.call),
} satisfies Record<keyof StageDeclaration, Kind>;

/**
 * Declares a stage. Calling the stage, inside the `build` of a pipeline, runs nothing: it adds a node to the
 * graph (equal calls are one node) and returns handles typed by its outputs. Throws a DeclarationError for members that
 * it does not have or cannot use.
 */
export function defineStage<
  P extends TObject,
  const I extends Record<string, InputType>,
  const O extends Record<string, ArtifactType>,
>(declaration: StageDeclaration<P, I, O>): Stage<P, I, O> {
  checkMembers('defineStage', declaration, stageMembers);
  const call = (params: Static<P>, inputs: InputHandles<I>): OutputHandles<O> => {
    checkHandles(declaration as unknown as StageDeclaration, inputs);
    const node = currentGraph().add(declaration as unknown as StageDeclaration, params, inputs);
    const handles: Record<string, unknown> = { node };
    for (const [output, type] of Object.entries(declaration.outputs)) handles[output] = { node, output, type };
    return handles as OutputHandles<O>;
  };
  return Object.assign(call, { declaration });
}

/**
 * What a call is given for the inputs of a stage: those that it declares, and no others. Types say it to those who run
 * `tsc`; a misspelt input of many would otherwise be an empty one. Throws a DeclarationError.
 */
function checkHandles({ name, inputs }: StageDeclaration, given: unknown): void {
  const names = Object.keys(inputs);
  if (given === undefined && names.length === 0) return;
  if (!isObject(given))
    throw new DeclarationError(
      `stage ${name}: the inputs are missing: expected { ${names.join(', ')} } after the parameters`,
    );
  // All outputs of another call may be handed on as they are: `use({}, make({}, {}))`.
  const areOutputs = isObject(given['node']) && given['node']['kind'] === 'node';
  for (const input of areOutputs ? [] : Object.keys(given))
    if (!Object.hasOwn(inputs, input))
      throw new DeclarationError(
        `stage ${name}: it has no input "${input}"${didYouMean(input, names)}: expected ${names.join(', ') || 'none'}`,
      );
  for (const input of names) {
    const type = inputs[input]!;
    const arity = 'arity' in type ? type.arity : 'one';
    const kind = arity === 'one' ? a.output : maybe(arity === 'optional' ? a.output : a.outputs);
    check(`stage ${name}: input "${input}"`, Object.hasOwn(given, input) ? given[input] : undefined, kind);
  }
}
