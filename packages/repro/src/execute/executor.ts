import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Execution } from '../graph/stage.ts';
import type { InputDigests } from '../plan/key.ts';
import type { Outputs } from '../plan/outcome.ts';
import type { ActionResult } from '../store/store.ts';

/** A node that is to be built: its inputs are complete, so its key is known. */
export interface NodeToBuild {
  readonly node: GraphNode;
  readonly key: Key;
  readonly inputs: InputDigests;
  /** Build it although the store has a result. */
  readonly force: boolean;
  /** Of a node whose bytes are elsewhere, what they are. */
  readonly recorded?: Outputs | undefined;
}

/** Nodes that run in one job of their stage. */
export interface Unit {
  readonly nodes: readonly NodeToBuild[];
  readonly execution: Execution | undefined;
}

/** What became of a node: `open` if the run was interrupted, and nothing is known yet. */
export type NodeEnd =
  | { readonly type: 'recorded'; readonly result: ActionResult; readonly seconds: number; readonly cpuSeconds?: number }
  | { readonly type: 'failed'; readonly message: string; readonly log: string }
  | { readonly type: 'not-run'; readonly message: string }
  | { readonly type: 'open' };

/**
 * Builds nodes somewhere else, against the same store: their leases, their files and the record of their results are its
 * business. The scheduler hands it everything that is ready; it decides what runs at once.
 */
export interface Executor {
  /** For people: `Slurm`. */
  readonly name: string;
  /** Resolves with what became of each node of the unit, in their order. `onStarted` is called when a node is known to run. */
  build(unit: Unit, onStarted: (index: number) => void): Promise<readonly NodeEnd[]>;
  /** Everything that is ready for now was handed over. */
  flush(): void;
  /** Starts nothing more: what is not under way resolves as `open`. */
  stop(): void;
  /** Builds that have not ended resolve as `open`. */
  interrupt(): void;
  /** Resolves when nothing of it is under way here any more. */
  close(): Promise<void>;
}
