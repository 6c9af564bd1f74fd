import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missingPackage, stackOfSources } from '../code/stack-of-sources.ts';
import { isMissing } from '../environments/tools.ts';
import type { BatchFailure } from '../graph/context.ts';
import { Guardian } from './guardian.ts';
import { JobProcess } from './job-process.ts';
import type { ProcessOptions } from './job-process.ts';
import { isFromOutside } from './outside-signals.ts';
import { keptFrom, sentenceOfKept } from './job-environment.ts';
import { keepLog, logSize, logTail } from './job-log.ts';
import type { Denied, FromWorker, JobMessage } from './protocol.ts';

export type JobOutcome =
  | {
      readonly type: 'done';
      readonly failures?: readonly BatchFailure[];
      /** Of all threads of the job; absent where it started processes, whose time is not in it. */
      readonly cpuSeconds?: number;
      /** Environment variables that it asked for, and that are set here, but that its stage does not declare. */
      readonly undeclared?: readonly string[];
    }
  | { readonly type: 'not-run'; readonly message: string }
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly log: string;
      readonly code?: string | undefined;
      /** With a code of the system, what it is about. */
      readonly path?: string | undefined;
      readonly denied?: Denied | undefined;
      /**
       * It says nothing about the stage: a program that it needs is not installed, no process could be started for it, or
       * something outside of the run ended it.
       */
      readonly cannotRun?: boolean;
    };

/** What became of one node of a job. */
export function ofNode(outcome: JobOutcome, index: number): JobOutcome {
  const failure = outcome.type === 'done' ? outcome.failures?.find((one) => one.index === index) : undefined;
  if (!failure) return outcome;
  const { message, notRun } = failure;
  return notRun ? { type: 'not-run', message } : { type: 'failed', message, log: '' };
}

/** Runs jobs on behalf of the scheduler; tests put puppets here. */
export interface Runner {
  /** Resolves when nothing of the job runs any more. `onFinished`: a node of a batch has its outputs before that. */
  run(
    job: JobMessage,
    onProgress: (index: number, fraction: number) => void,
    onFinished?: (index: number) => void,
  ): Promise<JobOutcome>;
  /** Soon so many more jobs will run at once. */
  expect?(jobs: number): void;
  /** Asks running jobs to save what they have and stop; those that do not stop soon are ended. */
  abort(): void;
  close(): Promise<void>;
}

const tailBytes = 4000;
/** How long a job may take to save a checkpoint when it is interrupted. */
const graceMilliseconds = 4_000;
const mostPrinted = 2 ** 30;
const lookMilliseconds = 2_000;

type End = Exclude<FromWorker, { type: 'progress' | 'finished' }>;

/**
 * Processes for jobs. A process is used again only if its job said that nothing of it is left, and no code but that of
 * the stage and of Node was loaded; otherwise its whole group ends before anything of the job is recorded. Processes are
 * started before they are needed, so that a job does not wait for Node to start; none is started in place of one that is
 * likely to be used again.
 */
export class WorkerPool implements Runner {
  readonly #script: string;
  readonly #grace: number;
  readonly #process: ProcessOptions;
  readonly #idle: JobProcess[] = [];
  readonly #busy = new Set<JobProcess>();
  /** Those of the busy ones whose job loads no other code: they are likely to be used again. */
  readonly #returning = new Set<JobProcess>();
  /** Whether one of these left something behind, so that others may. */
  #leftBehind = false;
  /** In the environment of all processes of this run's jobs. */
  readonly #run = randomBytes(8).toString('hex');
  #guardian: Guardian | undefined;
  #aborted = false;
  #closed = false;

  /** `grace`: milliseconds from an interrupt until what has not stopped is ended. */
  constructor(
    script: URL,
    { grace = graceMilliseconds, ...process }: { readonly grace?: number } & ProcessOptions = {},
  ) {
    this.#process = process;
    this.#script = fileURLToPath(script);
    this.#grace = grace;
  }

  async run(
    job: JobMessage,
    onProgress: (index: number, fraction: number) => void,
    onFinished: (index: number) => void = () => undefined,
  ): Promise<JobOutcome> {
    const worker = this.#idle.pop() ?? this.#start();
    worker.wake();
    this.#busy.add(worker);
    if (job.selfContained && !this.#leftBehind) this.#returning.add(worker);
    const start = logSize(worker.log);
    const look = setInterval(() => {
      if (logSize(worker.log) - start > mostPrinted) worker.kill();
    }, lookMilliseconds);
    let end: End | undefined;
    let ended: number | NodeJS.Signals | undefined;
    try {
      const said = new Promise<void>((resolve) => {
        worker.onMessage = (message) => {
          if (message.type === 'progress') return onProgress(message.index, message.fraction);
          if (message.type === 'finished') return onFinished(message.index);
          end = message;
          resolve();
        };
      });
      worker.send(job);
      if (this.#aborted) this.#stop(worker);
      await Promise.race([said, worker.exited.then((how) => (ended = how))]);
      worker.onMessage = () => undefined;
      const reusable = end?.type === 'done' && end.clean && !this.#aborted && !this.#closed;
      if (!reusable) {
        if (this.#returning.delete(worker)) this.#leftBehind = true;
        await worker.end(end?.spawned ?? true);
        this.#guardian?.forget(worker.pid ?? 0);
      }
      try {
        const outcome = this.#outcome(worker, start, end, ended);
        if (job.log !== undefined) keepLog(worker.log, start, job.log);
        return outcome;
      } finally {
        if (reusable) {
          worker.rest();
          this.#idle.push(worker);
        } else closeSync(worker.log);
      }
    } finally {
      clearInterval(look);
      this.#busy.delete(worker);
      this.#returning.delete(worker);
    }
  }

  expect(jobs: number): void {
    const returning = this.#leftBehind ? 0 : this.#returning.size;
    while (!this.#aborted && !this.#closed && this.#idle.length + returning < jobs) {
      const worker = this.#start();
      worker.rest();
      this.#idle.push(worker);
    }
  }

  #start(): JobProcess {
    this.#guardian ??= new Guardian(this.#run);
    const worker = new JobProcess(this.#script, this.#run, this.#process);
    if (worker.pid !== undefined) this.#guardian.watch(worker.pid);
    // One that dies while it is idle is used no more, and that is all.
    void worker.exited.then(() => {
      const at = this.#idle.indexOf(worker);
      if (at < 0) return;
      this.#idle.splice(at, 1);
      this.#guardian?.forget(worker.pid ?? 0);
      closeSync(worker.log);
    });
    return worker;
  }

  #outcome(
    worker: JobProcess,
    start: number,
    end: End | undefined,
    ended: number | NodeJS.Signals | undefined,
  ): JobOutcome {
    if (end?.type === 'done') {
      const { failures, cpuSeconds, spawned } = end;
      const undeclared = keptFrom(end.asked ?? []);
      return {
        type: 'done',
        ...(undeclared.length > 0 && { undeclared }),
        ...(failures && { failures }),
        ...(cpuSeconds !== undefined && !spawned && { cpuSeconds }),
      };
    }
    const kept = sentenceOfKept(keptFrom(end?.asked ?? []));
    const told = (message: string): string => (kept === undefined ? message : `${message}: ${kept}`);
    if (end?.type === 'not-run') return { type: 'not-run', message: told(end.message) };
    const log = logTail(worker.log, start, tailBytes);
    if (end)
      return {
        type: 'failed',
        message: told(missingPackage(end.message)),
        log: (log ? log + '\n' : '') + stackOfSources(end.stack),
        code: end.code,
        denied: end.denied,
        ...((end.cannotRun || isMissing(end.message)) && { cannotRun: true }),
      };
    const printed = logSize(worker.log) - start;
    if (printed > mostPrinted)
      return { type: 'failed', message: `the stage printed more than ${mostPrinted} bytes and was ended`, log };
    return {
      type: 'failed',
      message: endMessage(ended, this.#aborted),
      log,
      ...((ended === -1 || (isFromOutside(ended) && !this.#aborted)) && { cannotRun: true }),
    };
  }

  abort(): void {
    this.#aborted = true;
    for (const worker of this.#idle.splice(0)) this.#drop(worker);
    for (const worker of this.#busy) this.#stop(worker);
  }

  /** Asks, and after a while no longer asks. */
  #stop(worker: JobProcess): void {
    worker.send({ type: 'abort' });
    const timer = setTimeout(() => worker.kill(), this.#grace);
    void worker.exited.then(() => clearTimeout(timer));
  }

  #drop(worker: JobProcess): void {
    worker.kill();
    this.#guardian?.forget(worker.pid ?? 0);
    closeSync(worker.log);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const worker of this.#idle.splice(0)) this.#drop(worker);
    const busy = [...this.#busy];
    for (const worker of busy) worker.kill();
    await Promise.all(busy.map(({ exited }) => exited));
    this.#guardian?.close();
    this.#guardian = undefined;
  }
}

function endMessage(ended: number | NodeJS.Signals | undefined, aborted: boolean): string {
  if (ended === -1) return 'no process could be started for the stage';
  if (aborted) return 'the stage did not stop when it was asked to, and was ended';
  if (ended === 'SIGKILL')
    return 'the process of the stage was killed (SIGKILL): perhaps the machine ran out of memory';
  return typeof ended === 'string'
    ? `the process of the stage was ended by the signal ${ended}`
    : `the process of the stage ended with code ${ended}`;
}
