import type { Static, TObject } from '@sinclair/typebox';
import type { ArtifactType, Available, InputType, Many, Optional } from './artifact.ts';
import type { Stage } from './stage.ts';

/** An input, complete and verified. `node` names the node that made it, for messages only. */
export interface InputFile<A extends ArtifactType = ArtifactType> {
  readonly type: A['id'];
  readonly path: string;
  readonly node: string;
}

/** Where the stage must leave an output before it returns. */
export interface OutputFile<A extends ArtifactType = ArtifactType> {
  readonly type: A['id'];
  readonly path: string;
}

export type InputFileOf<T extends InputType> = T extends Many<infer A> | Available<infer A>
  ? readonly InputFile<A>[]
  : T extends Optional<infer A>
    ? InputFile<A> | undefined
    : T extends ArtifactType
      ? InputFile<T>
      : never;

/** What the run function of a stage is handed. */
export interface StageContext<
  P extends TObject = TObject,
  I extends Record<string, InputType> = Record<string, InputType>,
  O extends Record<string, ArtifactType> = Record<string, ArtifactType>,
> {
  /** The node's readable name, for messages only: it is not in the key, so no output may depend on it. */
  readonly node: string;
  readonly params: Static<P>;
  readonly inputs: { readonly [K in keyof I]: InputFileOf<I[K]> };
  readonly outputs: { readonly [K in keyof O]: OutputFile<O[K]> };
  /** A directory that survives a crash of this node and is gone once it succeeded: for checkpoints. Keyed like the node. */
  readonly scratch: string;
  /** Aborted when the user interrupts: save a checkpoint and throw, soon. */
  readonly signal: AbortSignal;
  /** What an earlier run found, by the lock, if the stage declares `pinned`: to be asked for again. */
  readonly pin?: string;
  /** Tells how far the node is, 0 to 1. Cheap enough to call every few milliseconds. */
  readonly progress: (fraction: number) => void;
  /**
   * In a batch: tells that the outputs of this node are complete and its scratch directory is used no more. They are
   * recorded at once, while other nodes of the batch run on, and stay if these fail or are interrupted.
   */
  readonly finished?: () => void;
}

export type ContextOf<S> = S extends Stage<infer P, infer I, infer O> ? StageContext<P, I, O> : never;

/** The type of `run` in `stages/<name>/run.ts`. */
export type StageRun<S> = (context: ContextOf<S>) => Promise<void>;

/** A node of a batch, by its place there, that could not be made though others were. */
export interface BatchFailure {
  readonly index: number;
  readonly message: string;
  /** It cannot run here, which is no failure: see `NotRun`. */
  readonly notRun?: boolean;
}

/**
 * The type of `runBatch`: many nodes of one shape in one go; their bytes may not depend on the grouping. It returns the
 * nodes that failed by themselves; if it throws, all have.
 */
export type StageRunBatch<S> = (contexts: readonly ContextOf<S>[]) => Promise<readonly BatchFailure[] | void>;

/** Thrown by a stage that cannot run here (no network, no GPU): the node ends as *not run*, which is no failure. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}
