import type { Static, TObject } from '@sinclair/typebox';
import type { ArtifactType, Available, InputType, Many, Optional } from './artifact.ts';
import { currentGraph } from './graph.ts';
import type { GraphNode, Handle } from './graph.ts';

/** What one node takes while it runs; the scheduler never exceeds the limits of the machine. */
export interface Resources {
  /** Worker threads kept busy. Default 1. */
  readonly cpu?: number;
  /** Share of the accelerator, at most 1. Default 0. */
  readonly accelerator?: number;
  readonly memoryBytes?: number;
}

/** How a stage runs on one backend. */
export interface Execution {
  readonly resources?: Resources;
  /**
   * Names of parameters that nodes must share to run as one job through the `runBatch` of the stage.
   * Absent: one node, one job.
   */
  readonly batchBy?: readonly string[];
  /** Most nodes in one job. Default: no limit. */
  readonly maximumBatch?: number;
}

/** A backend under which a stage computes; results of different numeric classes are never mixed up. */
export interface BackendExecution extends Execution {
  /** Part of the key: backends of one class give the same bytes. */
  readonly numericClass: string;
  /**
   * What there is here for the backend to compute on. Asked in this process, and only where a node has to run, or by
   * `doctor`. Absent: it works everywhere.
   */
  readonly probe?: () => Promise<BackendProbe>;
  /** For `doctor`: computes something known, in a second, and says how near it came. Throws if that is too far off. */
  readonly selfTest?: () => Promise<string>;
}

export interface BackendProbe {
  /** `fast`: what it is for is here, so `--backend auto` takes it; `slow`: it works, if asked for by name; `absent`: it does not. */
  readonly state: 'fast' | 'slow' | 'absent';
  /** The device; or what is missing, in a few words. */
  readonly message: string;
  /** Where something better could be installed: a sentence that says how. */
  readonly advice?: string;
  /** What else a user may want to know: drivers, versions, limits. */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface StageDeclaration<
  P extends TObject = TObject,
  I extends Record<string, InputType> = Record<string, InputType>,
  O extends Record<string, ArtifactType> = Record<string, ArtifactType>,
> {
  readonly name: string;
  /**
   * Tells this stage from others of the same name. Stages that share a name are variants of one: each has its own code,
   * and all of them count as one stage in names, estimates and progress. Example: one stage `figure`, a variant for each figure.
   */
  readonly variant?: string;
  /**
   * URL of the code: `new URL('./run.ts', import.meta.url)`. Default: `stages/<name>/run.ts` in the root of the project.
   * For a stage with backends, `run.<backend>.ts` in the same folder.
   */
  readonly code?: URL;
  /** One sentence for `graph` and `--help`. */
  readonly summary: string;
  readonly params: P;
  readonly inputs: I;
  readonly outputs: O;
  readonly execution?: Execution;
  /** Only for stages whose bytes depend on where they run, in order of preference for `--backend auto`; the last works everywhere. */
  readonly backends?: Readonly<Record<string, BackendExecution>>;
  /** Expected floating-point operations of a node: what a dry run tells before anyone commits a night to it. */
  readonly work?: (params: Static<P>, feeding: FeedingParams<I>) => number;
  /**
   * Expected time of a node in any unit, less what every node takes: for estimates and the order of work. Default:
   * its `work`, or 1.
   */
  readonly cost?: (params: Static<P>, feeding: FeedingParams<I>) => number;
  /** Expected memory of a node in bytes, for the dry run; limits are declared with the resources. */
  readonly memory?: (params: Static<P>, feeding: FeedingParams<I>) => number;
  /** Bytes a node fetches at most, and those it leaves on the disk, for the dry run. */
  readonly downloads?: (params: Static<P>, feeding: FeedingParams<I>) => Downloads;
  /** Measures in a second at most, in this process, what costs take here: for estimates while the store holds nothing of the stage. */
  readonly calibrate?: () => Promise<readonly TimedCost[]>;
  /**
   * For a stage that asks the world outside what a name stands for now: the member of a JSON output that holds the answer,
   * a string. The lock keeps it, and where the result is not in the store it is handed to the next run as `pin`, so
   * that the same thing is fetched. It is in no key. Such a stage has no inputs.
   */
  readonly pinned?: { readonly output: keyof O & string; readonly member: string };
  /** What the user can do if a node of the stage cannot be made: a sentence for the message of its failure. */
  readonly withoutIt?: (params: Static<P>) => string;
}

/** By input, the parameters of the nodes that feed it; of a source file there are none. */
export type FeedingParams<I extends Record<string, InputType>> = {
  readonly [K in keyof I]: readonly Readonly<Record<string, unknown>>[];
};

export interface Downloads {
  readonly bytes: number;
  /** What stays of it, wherever that is. */
  readonly diskBytes: number;
}

export interface TimedCost {
  readonly cost: number;
  readonly seconds: number;
}

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
