import type { BatchFailure } from '../graph/context.ts';

/** What the main thread and a worker say to each other. */
export interface JobMessage {
  readonly type: 'run';
  /** A module that exports `run`, and `runBatch` if `batch`. */
  readonly bundle: string;
  readonly batch: boolean;
  readonly nodes: readonly {
    readonly node: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, { readonly type: string; readonly path: string }>>;
    readonly scratch: string;
    readonly pin?: string;
  }[];
}

export type ToWorker = JobMessage | { readonly type: 'abort' };

export type FromWorker =
  | { readonly type: 'progress'; readonly index: number; readonly fraction: number }
  | { readonly type: 'done'; readonly failures?: readonly BatchFailure[] }
  | { readonly type: 'not-run'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string; readonly code?: string | undefined };
