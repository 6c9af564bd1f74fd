import type { Static, TObject } from '@sinclair/typebox';
import type { ArtifactType, Available, InputType, Many, Optional } from './artifact.ts';
import type { StageDeclaration } from './declaration.ts';
import { currentGraph } from './graph.ts';
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

/**
 * Declares a stage. Calling the stage, inside the `build` of a pipeline, runs nothing: it adds a node to the
 * graph (equal calls are one node) and returns handles typed by its outputs.
 */
export function defineStage<
  P extends TObject,
  const I extends Record<string, InputType>,
  const O extends Record<string, ArtifactType>,
>(declaration: StageDeclaration<P, I, O>): Stage<P, I, O> {
  const call = (params: Static<P>, inputs: InputHandles<I>): OutputHandles<O> => {
    const node = currentGraph().add(declaration as unknown as StageDeclaration, params, inputs);
    const handles: Record<string, unknown> = { node };
    for (const [output, type] of Object.entries(declaration.outputs)) handles[output] = { node, output, type };
    return handles as OutputHandles<O>;
  };
  return Object.assign(call, { declaration });
}
