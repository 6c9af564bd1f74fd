import type { Described } from '../environments/environment.ts';
import type { ColumnType } from '../graph/artifact.ts';
import type { BatchFailure } from '../graph/context.ts';

/** What the process of a run and that of a job say to each other. */
export interface JobMessage {
  readonly type: 'run';
  /** A module that exports `run`, and `runBatch` if `batch`: the code of all nodes that name none of their own. */
  readonly bundle: string;
  readonly batch: boolean;
  /** Whether the module imports nothing that could keep state for the next job in its process: see `StageCode.selfContained`. */
  readonly selfContained?: boolean;
  /** Milliseconds that writing may take to end once the stage has returned; 20 s unless given. */
  readonly writingLimit?: number;
  /** Where what the job prints is kept, if it prints anything. */
  readonly log?: string;
  /** Environment variables besides those that every job has. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly nodes: readonly {
    readonly node: string;
    /** Of a variant in a batch with others: the module with its code. */
    readonly bundle?: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, { readonly type: string; readonly path: string }>>;
    readonly scratch: string;
    readonly pin?: string;
    /** For a stage that makes environments, where they are kept, and the root of the project. */
    readonly environments?: string;
    readonly project?: string;
    /** Sources in Parquet, to be checked before the stage reads them. */
    readonly given?: readonly ParquetTable[];
    /** Outputs in Parquet, to be checked before the job is done. */
    readonly tables?: readonly ParquetTable[];
    /** For a stage that is a program, in place of the bundle. */
    readonly command?: CommandJob;
  }[];
}

/** A table that a stage reads or writes, and what its columns are to hold. */
export interface ParquetTable {
  /** What is said of one that does not: `output "points" is not what points declares`. */
  readonly fault: string;
  readonly path: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** How a command is called. */
export interface CommandJob {
  readonly line: readonly string[];
  /** Where it runs: a folder with the declared files, `inputs`, `outputs` and `scratch`. */
  readonly directory: string;
  /** Variables besides PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folders before those of PATH. */
  readonly path: readonly string[];
  /** What is installed for it, where that is kept, and the root of the project. */
  readonly installed?: { readonly described: Described; readonly directory: string; readonly project: string };
  /** The folders that it may look into: that of the node, those with the inputs, and that of its checkpoints if it lies elsewhere. */
  readonly folders: { readonly own: string; readonly inputs: readonly string[]; readonly kept?: string };
  /** Seconds. */
  readonly timeLimit?: number;
  /** Bytes. */
  readonly memoryLimit?: number;
  readonly sandbox?: 'strict';
}

export type ToWorker = JobMessage | { readonly type: 'abort' };

/** What a job left in its process when it ended. */
export interface Remains {
  /** Whether another job may run there: nothing of this one is left. */
  readonly clean: boolean;
  /** Whether it started processes. */
  readonly spawned: boolean;
  /** Environment variables that it asked for and that were not there. */
  readonly asked?: readonly string[];
}

/** What Node's permission model did not let a stage do. */
export interface Denied {
  /** E.g. FileSystemRead, ChildProcess. */
  readonly permission: string;
  /** The path, where it is about one. */
  readonly resource: string;
}

export type FromWorker =
  | { readonly type: 'progress'; readonly index: number; readonly fraction: number }
  /** One node of a batch has its outputs, while others of it run on. */
  | { readonly type: 'finished'; readonly index: number }
  | ({ readonly type: 'done'; readonly failures?: readonly BatchFailure[]; readonly cpuSeconds?: number } & Remains)
  | ({ readonly type: 'not-run'; readonly message: string } & Remains)
  | ({
      readonly type: 'failed';
      readonly message: string;
      readonly stack: string;
      readonly code?: string | undefined;
      readonly denied?: Denied | undefined;
      readonly cannotRun?: boolean;
    } & Remains);
