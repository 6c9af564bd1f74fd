import type { Key } from './graph/digest.ts';
import type { GraphNode } from './graph/graph.ts';
import type { Reason } from './plan/reasons.ts';

/** Everything that happens in a run. The engine emits these and prints nothing; reporters render them. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly set: string;
      readonly nodes: number;
      readonly backend: string;
      readonly store: string;
      readonly jobs: number;
      /** Where nodes are built, if not in processes here. */
      readonly executor?: string;
      readonly stages: readonly StageTotals[];
    }
  | { readonly type: 'node-cached'; readonly node: GraphNode; readonly key: Key }
  | {
      readonly type: 'node-started';
      readonly node: GraphNode;
      readonly key: Key;
      readonly reasons: readonly Reason[];
    }
  | { readonly type: 'node-progress'; readonly node: GraphNode; readonly fraction: number }
  | {
      readonly type: 'node-finished';
      readonly node: GraphNode;
      readonly key: Key;
      readonly seconds: number;
      /** Seconds that a processor worked, where that tells how long it takes on an idle machine. */
      readonly cpuSeconds?: number;
    }
  | {
      readonly type: 'node-failed';
      readonly node: GraphNode;
      /** Empty where it failed before its key was known. */
      readonly key: Key | '';
      readonly message: string;
      readonly log: string;
      readonly rerun: string;
      /** It says nothing about the stage: see `JobOutcome`. */
      readonly cannotRun?: boolean;
    }
  | {
      readonly type: 'node-not-run';
      readonly node: GraphNode;
      readonly message: string;
      /** The user left it out, or what it needs: thousands of them are no news each. */
      readonly leftOut?: true;
    }
  /** Not started, because what it needs failed. */
  | { readonly type: 'node-blocked'; readonly node: GraphNode; readonly by: string }
  /** Another run that shares the store is building it. */
  | { readonly type: 'node-waiting'; readonly node: GraphNode }
  | { readonly type: 'warning'; readonly message: string }
  /** What a user should know and need not mend. */
  | { readonly type: 'note'; readonly message: string }
  /** `paths`: of a run of some nodes, which publishes no report. */
  | {
      readonly type: 'published';
      readonly directory: string;
      readonly files: number;
      readonly paths?: readonly string[];
    }
  | ({ readonly type: 'run-finished' } & RunSummary);

/** What a run has before it of one stage. */
export interface StageTotals {
  readonly stage: string;
  readonly nodes: number;
  /** Sum of the nodes' costs, in the unit of the stage. */
  readonly cost: number;
  /** How many of its nodes can run at once. */
  readonly slots: number;
}

export interface RunSummary {
  readonly executed: number;
  readonly cached: number;
  readonly failed: number;
  /** Not run, and blocked by what failed or was not run. */
  readonly notRun: number;
  /** Those of them for which the budget had no time. */
  readonly withoutTime?: number;
  readonly interrupted: boolean;
  readonly seconds: number;
}

export type EventListener = (event: RunEvent) => void;
