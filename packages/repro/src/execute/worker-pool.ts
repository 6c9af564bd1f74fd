import { Worker } from 'node:worker_threads';
import type { BatchFailure } from '../graph/context.ts';
import type { FromWorker, JobMessage } from './protocol.ts';

export type JobOutcome =
  | { readonly type: 'done'; readonly failures?: readonly BatchFailure[] }
  | { readonly type: 'not-run'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly log: string; readonly code?: string | undefined };

/** Runs jobs on behalf of the scheduler; tests put puppets here. */
export interface Runner {
  run(job: JobMessage, onProgress: (index: number, fraction: number) => void): Promise<JobOutcome>;
  /** Asks running jobs to save what they have and stop. */
  abort(): void;
  close(): Promise<void>;
}

const logTail = 4000;

/** Worker threads, reused; one whose job failed is replaced, since its state is unknown. */
export class WorkerPool implements Runner {
  readonly #script: URL;
  readonly #idle: Worker[] = [];
  readonly #busy = new Set<Worker>();
  #aborted = false;

  constructor(script: URL) {
    this.#script = script;
  }

  run(job: JobMessage, onProgress: (index: number, fraction: number) => void): Promise<JobOutcome> {
    const worker = this.#idle.pop() ?? this.#newWorker();
    this.#busy.add(worker);
    return new Promise((resolve) => {
      let log = '';
      let died: Error | undefined;
      const listen = (chunk: Buffer): void => {
        log = (log + chunk.toString('utf8')).slice(-logTail);
      };
      const finish = (outcome: JobOutcome): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        worker.stdout.off('data', listen);
        worker.stderr.off('data', listen);
        this.#busy.delete(worker);
        if (outcome.type === 'failed') void worker.terminate();
        else if (!died) this.#idle.push(worker);
        resolve(outcome);
      };
      const onMessage = (message: FromWorker): void => {
        if (message.type === 'progress') onProgress(message.index, message.fraction);
        else if (message.type === 'failed') {
          // What the stage printed just before it threw arrives on another channel, a moment later.
          setImmediate(() =>
            finish({
              type: 'failed',
              message: message.message,
              log: (log ? log + '\n' : '') + message.stack,
              code: message.code,
            }),
          );
        } else finish(message);
      };
      // An error arrives on a channel of its own and may overtake what the job said before it; the exit comes after both.
      const onError = (error: Error): void => void (died = error);
      const onExit = (code: number): void =>
        finish(
          died
            ? { type: 'failed', message: died.message, log: log + '\n' + (died.stack ?? '') }
            : { type: 'failed', message: `the worker thread ended with code ${code}`, log },
        );
      worker.stdout.on('data', listen);
      worker.stderr.on('data', listen);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(job);
      if (this.#aborted) worker.postMessage({ type: 'abort' });
    });
  }

  /** A worker that dies while it is idle, of something that a stage left behind, is used no more, and that is all. */
  #newWorker(): Worker {
    const worker = new Worker(this.#script, { stdout: true, stderr: true });
    const forget = (): void => {
      const at = this.#idle.indexOf(worker);
      if (at >= 0) this.#idle.splice(at, 1);
    };
    return worker.on('error', forget).on('exit', forget);
  }

  abort(): void {
    this.#aborted = true;
    for (const worker of this.#busy) worker.postMessage({ type: 'abort' });
  }

  async close(): Promise<void> {
    const workers = [...this.#idle.splice(0), ...this.#busy];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
