import type { ArtifactType } from './artifact.ts';
import type { StageDeclaration } from './declaration.ts';
import type { Digest, NodeName } from './digest.ts';

/** A file of the repository that a stage reads as it is. */
export interface SourceFile {
  readonly kind: 'source';
  /** Relative to the root of the project, with forward slashes. */
  readonly path: string;
  /** Of a folder or a pattern, the files that were planned with, where they are known already. */
  readonly folder?: SourceFolder;
}

/** The files of a source folder. */
export interface SourceFolder {
  /** The folder that paths are relative to, from the root of the project; empty for the root itself. */
  readonly base: string;
  readonly files: Readonly<Record<string, Digest>>;
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
  /** The groups that asked for the node, the first one first: see `group`. In its name and in no key. */
  readonly groups: readonly string[];
  /** Readable and unique: `train[small,alpha=0.5,gamma=-5/9,m=17]`. Empty until the graph is complete. */
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
