import type { EventListener } from '../../events.ts';
import type { Executor, NodeEnd, NodeToBuild, Unit } from '../../execute/executor.ts';
import { sha256 } from '../../graph/digest.ts';
import { plural } from '../../plural.ts';
import type { Key } from '../../graph/digest.ts';
import type { ActionResult } from '../../store/store.ts';
import { namePrefix } from '../spool.ts';
import type { Attempts, JobRecord, KeyEnd, Spool, TaskFile } from '../spool.ts';
import type { QueuedTask, Slurm, Submission } from './commands.ts';
import { requestFor } from './options.ts';
import type { Request, SlurmOptions } from './options.ts';
import { Pending } from './pending.ts';
import { hopelessReason, saysOutOfMemory, verdictOf } from './states.ts';
import type { Verdict } from './states.ts';

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back after so many milliseconds unless the function it returns is called first. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

/** Goes on evenly: where the clock of the machine is set back, nothing is put off until it has caught up. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

export interface SlurmExecutorContext {
  readonly slurm: Slurm;
  readonly spool: Spool;
  readonly options: SlurmOptions;
  /** The lease that this run holds while it lives. */
  readonly head: string;
  readonly isHeadAlive: (lease: string) => boolean;
  /** What `exec-node` is given of some units. */
  readonly taskFile: (units: readonly { readonly unit: Unit; readonly nodes: readonly NodeToBuild[] }[]) => TaskFile;
  /** The result of a node, if it is recorded; `unseen` while not all of its blobs are seen here. */
  readonly result: (node: NodeToBuild) => ActionResult | 'unseen' | undefined;
  /** Whether there is a result of this key. */
  readonly isRecorded: (key: Key) => boolean;
  /** What the checkpoints of a node look like: changes whenever one is written; empty if there are none. */
  readonly checkpoint: (key: Key) => string;
  /** How long a node takes, in seconds, if that is known. */
  readonly secondsOf: (node: NodeToBuild) => number | undefined;
  /** Called with the time that a node took. */
  readonly measured?: (node: NodeToBuild, times: { readonly seconds: number; readonly cpuSeconds?: number }) => void;
  readonly emit: EventListener;
  readonly clock?: Clock;
}

/** What happens to the jobs when the run is interrupted. */
export type OnInterrupt = 'detach' | 'cancel';

/** A unit that has not ended. */
interface Work {
  readonly unit: Unit;
  readonly request: Request;
  readonly ends: Map<Key, NodeEnd>;
  readonly left: Map<Key, NodeToBuild>;
  readonly onStarted: (index: number) => void;
  readonly resolve: (ends: readonly NodeEnd[]) => void;
  readonly reject: (error: unknown) => void;
  attempts: Attempts;
  started: boolean;
  /** Of its keys, when it was submitted last. */
  checkpoints: string;
  /** Whether its keys name jobs of this run, which are over. */
  claimed: boolean;
}

interface Job {
  readonly record: JobRecord;
  readonly taskOf: ReadonlyMap<Key, number>;
  readonly watched: Map<Key, Work>;
  readonly states: Map<number, QueuedTask>;
  /** By task: since when nothing is to be expected of it any more. */
  readonly silent: Map<number, number>;
  /** Since when a result is said to be recorded and is not seen. */
  readonly unseen: Map<Key, number>;
  readonly taken: Set<Key>;
  begun: ReadonlySet<number>;
  /** Tasks that were asked to stop before they had ended. */
  stopped: ReadonlySet<number>;
  /** Tasks that were decided about. */
  readonly judged: Set<number>;
  id: string | undefined;
  /** Whether sbatch is at it. */
  isBeingSent: boolean;
  /** Whether it has to be seen in the queue whether it was submitted. */
  unsure: boolean;
}

/** Times that a job may be lost to the cluster. */
const mostLost = 5;
/** A job that Slurm does not know, and that left nothing, is given up after this. */
const forgottenMilliseconds = 60_000;
/** After the end of a job that failed, what it wrote just before may still come. */
const failedGraceMilliseconds = 3_000;
/** A run that died a moment ago may have left an sbatch behind that is still at it. */
const orphanMilliseconds = 10_000;
/** A group of units is spread over so many tasks at least before it is packed. */
const leastTasks = 64;
const lookMilliseconds = 1_000;
const slowestLookMilliseconds = 5_000;
const gatherMilliseconds = 5_000;
const mostBackOff = 8;

/**
 * Builds nodes as jobs of Slurm. What is ready is grouped by what it asks for, packed into tasks of arrays, written
 * down, and submitted. The store says what is done: folders in which jobs leave word are looked at every second or so, and
 * Slurm is asked only at longer intervals, once for all jobs, to explain why of some nothing is heard.
 */
export class SlurmExecutor implements Executor {
  readonly name = 'Slurm';
  readonly #context: SlurmExecutorContext;
  readonly #clock: Clock;
  readonly #works = new Set<Work>();
  /** By what they ask for. */
  readonly #pending = new Pending<Work>((work) => JSON.stringify([work.request.words, this.#memory(work)]));
  readonly #jobs = new Map<string, Job>();
  #loop: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #stopped = false;
  #over = false;
  /** Interrupted or broken: jobs stay as they are. */
  #wasLeft = false;
  /** What ended it before its time, also where nothing waited for a node then: whoever hands one over later is told. */
  #broken: { readonly error: Error } | undefined;
  #interrupted: Promise<void> | undefined;
  #arrayCap = Infinity;
  #arraySize: number | undefined;
  /** Tasks in the queue when Slurm last said that there are too many. */
  #full: { readonly tasks: number; readonly at: number } | undefined;
  #othersQueued = false;
  #nextSubmit = 0;
  #nextQueue = 0;
  #backOff = 1;
  #look = lookMilliseconds;
  #flushed = false;
  readonly #warned = new Set<string>();
  /** What becomes of the jobs when the run is interrupted. */
  onInterrupt: OnInterrupt = 'detach';

  constructor(context: SlurmExecutorContext) {
    this.#context = context;
    this.#clock = context.clock ?? systemClock;
  }

  build(unit: Unit, onStarted: (index: number) => void): Promise<readonly NodeEnd[]> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken.error);
    if (this.#stopped || this.#over) return Promise.resolve(unit.nodes.map(() => ({ type: 'open' })));
    return new Promise((resolve, reject) => {
      const { options } = this.#context;
      const work: Work = {
        unit,
        request: requestFor(options, unit.nodes[0]!.node.stage.name, unit.execution),
        ends: new Map(),
        left: new Map(unit.nodes.map((node) => [node.key, node])),
        onStarted,
        resolve,
        reject,
        attempts: { lost: 0, memory: 0, time: 0 },
        started: false,
        checkpoints: '',
        claimed: false,
      };
      this.#works.add(work);
      this.#pending.push(work);
    });
  }

  flush(): void {
    if (this.#works.size === 0) return;
    this.#flushed = true;
    this.#loop ??= this.#run()
      .catch((error: unknown) => this.#break(error))
      .finally(() => {
        this.#loop = undefined;
        // What was handed over while the last of the others ended.
        if (!this.#over) this.flush();
      });
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    for (const work of this.#pending.clear()) this.#leave(work);
  }

  interrupt(): void {
    if (this.#over) return;
    this.#over = true;
    this.#wasLeft = true;
    const jobs = [...this.#jobs.values()].filter(({ watched }) => watched.size > 0);
    const open = jobs.filter(({ id, isBeingSent }) => id !== undefined || isBeingSent);
    if (this.onInterrupt === 'cancel') {
      this.#interrupted = this.#cancel(jobs);
      this.#note(`cancelling ${plural(open.length, 'job')}`);
    } else if (open.length > 0)
      this.#note(`${plural(open.length, 'job')} in the queue: the next run adopts them; repro cancel ends them`);
    for (const work of [...this.#works]) this.#leave(work);
    this.#context.slurm.stopAsking();
    this.#wake();
  }

  /** Ends jobs and removes what is kept of them. One that is being submitted is ended by its submission, once it has a number. */
  async #cancel(jobs: readonly Job[]): Promise<void> {
    const known = jobs.filter(({ id }) => id !== undefined);
    const ids = known.map(({ id }) => id!);
    try {
      await this.#context.slurm.cancel(ids);
      for (const job of known) this.#forget(job);
    } catch (error) {
      this.#warn('cancel', `${(error as Error).message}: cancel the jobs by hand: scancel ${ids.join(' ')}`);
    }
    for (const { record, unsure } of jobs)
      if (unsure)
        this.#warn(
          `cancel ${record.name}`,
          `sbatch did not say whether it submitted a job: cancel it by hand: scancel --name=${record.name}`,
        );
  }

  #forget({ record, watched }: Job): void {
    for (const key of watched.keys()) this.#context.spool.unclaim(key);
    this.#context.spool.remove(record.name);
  }

  async close(): Promise<void> {
    this.#over = true;
    this.#wake();
    await this.#loop;
    await this.#interrupted;
    // The run is done whether or not a shared file system lets go of them.
    if (!this.#wasLeft)
      await this.#removeFinished().catch((error: unknown) =>
        this.#note(`finished jobs could not be removed: ${(error as Error).message}`),
      );
  }

  /**
   * Removes jobs of runs that died, whose nodes have all been recorded since: they were found in the store, so that nobody
   * watched the jobs. Of those that left no word of a node, Slurm is asked whether they are over.
   */
  async #removeFinished(): Promise<void> {
    const { spool, slurm, head, isHeadAlive, isRecorded } = this.#context;
    let active: Set<string> | undefined;
    for (const { name, head: owner, tasks } of spool.jobs()) {
      if (owner !== head && isHeadAlive(owner)) continue;
      const keys = tasks.flat().flatMap((unit) => unit.keys);
      const silent = keys.filter((key) => spool.end(name, key)?.type !== 'recorded');
      if (silent.length > 0) {
        if (!silent.every(isRecorded)) continue;
        try {
          active ??= new Set(
            (await slurm.queue()).filter(({ state }) => verdictOf(state) === 'active').map((task) => task.name),
          );
        } catch {
          return;
        }
        if (active.has(name)) continue;
      }
      for (const key of keys) if (spool.claimOf(key) === name) spool.unclaim(key);
      spool.remove(name);
    }
  }

  /** Nothing becomes of it in this run. */
  #leave(work: Work): void {
    for (const key of work.left.keys()) work.ends.set(key, { type: 'open' });
    work.left.clear();
    this.#finish(work);
  }

  #finish(work: Work): void {
    if (work.left.size > 0 || !this.#works.delete(work)) return;
    work.resolve(work.unit.nodes.map(({ key }) => work.ends.get(key)!));
  }

  /** An error that is no node's: a store that can no longer be written to. */
  #break(thrown: unknown): void {
    this.#over = true;
    this.#wasLeft = true;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#broken = { error };
    for (const work of this.#works) work.reject(error);
    this.#works.clear();
    this.#context.slurm.stopAsking();
  }

  async #run(): Promise<void> {
    this.#arraySize ??= Math.min(this.#context.options.arraySize, (await this.#context.slurm.limits()).arraySize);
    while (!this.#over && this.#works.size > 0) {
      let changed = this.#takeEnds();
      if (this.#clock.now() >= this.#nextQueue && this.#jobs.size > 0) changed = (await this.#askQueue()) || changed;
      if (this.#over) return;
      if (this.#pending.size > 0 && this.#clock.now() >= this.#nextSubmit) changed = (await this.#submit()) || changed;
      this.#look = changed ? lookMilliseconds : Math.min(1.5 * this.#look, slowestLookMilliseconds);
      if (!this.#over && this.#works.size > 0) await this.#pause();
    }
  }

  /** Until something can have happened. */
  #pause(): Promise<void> {
    const { poll } = this.#context.options;
    const now = this.#clock.now();
    const until = [now + Math.min(this.#look, 1000 * poll)];
    if (this.#jobs.size > 0) until.push(this.#nextQueue);
    if (this.#pending.size > 0) until.push(this.#nextSubmit);
    if (this.#flushed && this.#pending.size > 0 && now >= this.#nextSubmit) until.push(now);
    this.#flushed = false;
    const wait = Math.max(10, Math.min(...until) - now);
    return new Promise((resolve) => {
      const cancel = this.#clock.after(wait, resolve);
      this.#wake = () => {
        // What was just handed over may wait for more of its kind.
        if (!this.#over && this.#clock.now() < this.#nextSubmit) return;
        cancel();
        resolve();
      };
    });
  }

  // -- What jobs have left ---------------------------------------------------------------------------------------------

  /** Takes in what is said in the folders of jobs. Whether there was anything. */
  #takeEnds(): boolean {
    const { spool } = this.#context;
    let changed = false;
    for (const job of [...this.#jobs.values()]) {
      if (job.watched.size === 0) {
        this.#jobs.delete(job.record.name);
        continue;
      }
      const { keys, begun, stopped } = spool.ends(job.record.name);
      job.begun = begun;
      job.stopped = stopped;
      for (const key of keys) {
        if (job.taken.has(key)) continue;
        const work = job.watched.get(key);
        const end = spool.end(job.record.name, key);
        if (work && end && !this.#take(job, work, key, end)) continue;
        job.taken.add(key);
        changed = true;
        const task = job.taskOf.get(key);
        if (task !== undefined && job.states.get(task)?.state === 'RUNNING') this.#tellStarted(job, task);
      }
      this.#removeEnded(job);
    }
    return changed;
  }

  /** False if it cannot be taken yet. */
  #take(job: Job, work: Work, key: Key, end: KeyEnd): boolean {
    if (end.type === 'not-run') this.#end(job, work, key, { type: 'not-run', message: end.message });
    else if (end.type === 'failed') {
      // The kernel ends the largest process of a job that uses too much: that of the stage.
      if (/\(SIGKILL\)/.test(end.message)) this.#outOfMemory(job, work, end.message, end.log);
      else this.#end(job, work, key, { type: 'failed', message: end.message, log: end.log });
    } else {
      const result = this.#context.result(work.left.get(key)!);
      const now = this.#clock.now();
      if (result && result !== 'unseen')
        this.#end(job, work, key, {
          type: 'recorded',
          result,
          seconds: end.seconds,
          ...(end.cpuSeconds !== undefined && { cpuSeconds: end.cpuSeconds }),
        });
      else if (now - (job.unseen.get(key) ?? now) > 1000 * this.#context.options.visibility) {
        job.watched.delete(key);
        this.#again(
          work,
          'lost',
          `its result is recorded and was not seen for ${this.#context.options.visibility} s`,
          '',
        );
      } else {
        if (!job.unseen.has(key)) job.unseen.set(key, now);
        return false;
      }
    }
    return true;
  }

  #end(job: Job, work: Work, key: Key, end: NodeEnd): void {
    if (!work.started) work.unit.nodes.forEach((_, i) => work.onStarted(i));
    work.started = true;
    if (end.type === 'recorded' && end.seconds > 0) this.#context.measured?.(work.left.get(key)!, end);
    job.watched.delete(key);
    this.#context.spool.unclaim(key);
    work.left.delete(key);
    work.ends.set(key, end);
    this.#finish(work);
  }

  /** Nothing of a job whose nodes have all ended is of use. */
  #removeEnded(job: Job): void {
    if (job.watched.size > 0) return;
    this.#jobs.delete(job.record.name);
    if ([...job.taskOf].every(([key, task]) => job.taken.has(key) || job.judged.has(task)))
      this.#context.spool.remove(job.record.name);
  }

  // -- What Slurm says -------------------------------------------------------------------------------------------------

  /** Asks for all jobs at once; whether anything changed. */
  async #askQueue(): Promise<boolean> {
    const { slurm, options } = this.#context;
    let queue: readonly QueuedTask[];
    try {
      queue = await slurm.queue();
      this.#warned.delete('queue');
    } catch (error) {
      if (this.#over) return false;
      this.#warn('queue', `${(error as Error).message}: asked again until it answers; jobs go on meanwhile`);
      this.#backOff = Math.min(2 * this.#backOff, mostBackOff);
      this.#nextQueue = this.#clock.now() + 1000 * options.poll * this.#backOff;
      return false;
    }
    if (this.#over) return false;
    let changed = false;
    const byName = new Map<string, QueuedTask[]>();
    this.#othersQueued = false;
    for (const task of queue) {
      if (!this.#jobs.has(task.name)) {
        if (verdictOf(task.state) === 'active') this.#othersQueued = true;
        continue;
      }
      const known = byName.get(task.name);
      if (known) known.push(task);
      else byName.set(task.name, [task]);
    }
    for (const job of this.#jobs.values())
      changed = this.#noteStates(job, byName.get(job.record.name) ?? []) || changed;
    const unknown = [...this.#jobs.values()].filter(
      (job) => job.id !== undefined && [...this.#watchedTasks(job)].some((task) => !job.states.has(task)),
    );
    if (unknown.length > 0) {
      const states = await slurm.accounting(unknown.map(({ id }) => id!));
      for (const job of unknown) {
        for (const task of this.#watchedTasks(job)) {
          const state = states.get(`${job.id}_${task}`);
          // What runs is in the queue: accounting goes on calling a job running of whose end it was not told.
          if (state !== undefined && verdictOf(state) !== 'active' && !job.states.has(task))
            job.states.set(task, { id: job.id!, task, name: job.record.name, state, reason: '' });
        }
      }
      if (this.#over) return false;
    }
    // What was written before the end of a job is looked at before its end is believed.
    this.#takeEnds();
    for (const job of [...this.#jobs.values()]) changed = (await this.#explain(job)) || changed;
    this.#backOff = changed ? 1 : Math.min(1.5 * this.#backOff, mostBackOff);
    const silence = [...this.#jobs.values()].some(({ silent, unsure }) => silent.size > 0 || unsure);
    this.#nextQueue = this.#clock.now() + 1000 * options.poll * (silence ? 1 : this.#backOff);
    return changed;
  }

  #watchedTasks(job: Job): Set<number> {
    return new Set([...job.watched.keys()].map((key) => job.taskOf.get(key)!));
  }

  #noteStates(job: Job, entries: readonly QueuedTask[]): boolean {
    let changed = false;
    const states = new Map<number, QueuedTask>();
    for (const entry of entries) {
      // A job that was submitted twice: the one that is under way counts.
      const known = states.get(entry.task);
      if (!known || verdictOf(known.state) !== 'active') states.set(entry.task, entry);
      const reason = hopelessReason(entry);
      if (reason !== undefined)
        this.#warn(`${entry.name} ${reason}`, `job ${entry.id} waits for what will not come by itself: ${reason}`);
    }
    const [first] = entries;
    if (first && job.id === undefined) {
      job.id = first.id;
      this.#context.spool.submitted(job.record.name, first.id);
      changed = true;
    }
    if (first) job.unsure = false;
    for (const [task, entry] of states) {
      if (job.states.get(task)?.state === entry.state) continue;
      changed = true;
      if (entry.state === 'RUNNING') this.#tellStarted(job, task);
    }
    job.states.clear();
    for (const [task, entry] of states) job.states.set(task, entry);
    return changed;
  }

  /** Units of a task run one after another: the first that has not ended is the one that runs. */
  #tellStarted(job: Job, task: number): void {
    const work = this.#leftOf(job, task)[0];
    if (!work || work.started) return;
    work.started = true;
    work.unit.nodes.forEach((_, i) => work.onStarted(i));
  }

  #leftOf(job: Job, task: number): Work[] {
    const keys = job.record.tasks[task]?.flatMap((unit) => unit.keys) ?? [];
    return [...new Set(keys.flatMap((key) => job.watched.get(key) ?? []))];
  }

  /** Decides about the tasks of which nothing more will be heard. Whether there were any. */
  async #explain(job: Job): Promise<boolean> {
    const { options, spool, isHeadAlive } = this.#context;
    const now = this.#clock.now();
    if (job.id === undefined) {
      // Written down, and not in the queue: it was not submitted, unless who does so is at it.
      const isOthers = job.record.head !== this.#context.head;
      if (isOthers && (isHeadAlive(job.record.head) || now - spool.createdAt(job.record.name) < orphanMilliseconds))
        return false;
      job.unsure = false;
      this.#pending.putBack(await this.#send(job));
      return true;
    }
    let changed = false;
    for (const task of this.#watchedTasks(job)) {
      const verdict = verdictOf(job.states.get(task)?.state);
      if (verdict === 'active') {
        job.silent.delete(task);
        continue;
      }
      const since = job.silent.get(task) ?? now;
      job.silent.set(task, since);
      const isComplete = job.states.get(task)?.state === 'COMPLETED';
      const grace =
        verdict === 'unknown'
          ? Math.max(forgottenMilliseconds, 1000 * options.visibility)
          : isComplete
            ? 1000 * options.visibility
            : Math.min(failedGraceMilliseconds, 1000 * options.visibility);
      this.#takeFromStore(job, task);
      if (now - since < grace) continue;
      job.silent.delete(task);
      this.#judge(job, task, verdict);
      changed = true;
    }
    this.#removeEnded(job);
    return changed;
  }

  /** Results of which no word was left: the job was ended between the two. */
  #takeFromStore(job: Job, task: number): void {
    for (const [key, work] of [...job.watched]) {
      if (job.taskOf.get(key) !== task) continue;
      const node = work.left.get(key)!;
      const result = node.force ? undefined : this.#context.result(node);
      if (!result || result === 'unseen') continue;
      job.taken.add(key);
      this.#end(job, work, key, { type: 'recorded', result, seconds: 0 });
    }
  }

  #judge(job: Job, task: number, said: Verdict): void {
    // One that was asked to stop before its limit ends by itself.
    const verdict = said === 'ended' && job.stopped.has(task) ? 'time-limit' : said;
    job.judged.add(task);
    const works = this.#leftOf(job, task);
    const [running, ...behind] = works;
    if (!running) return;
    const log = this.#context.spool.logTail(job.record.name, task);
    const { state = 'not known to Slurm' } = job.states.get(task) ?? {};
    const name = `job ${job.id}_${task}`;
    const isFirst = running.left.has(job.record.tasks[task]![0]!.keys[0]!);
    for (const work of works)
      for (const key of work.left.keys()) if (job.taskOf.get(key) === task) job.watched.delete(key);
    const memory = verdict === 'out-of-memory' || (['ended', 'cancelled'].includes(verdict) && saysOutOfMemory(log));
    if (verdict === 'cancelled' && !memory) {
      for (const work of works) this.#fail(work, `${name} was cancelled from outside (${state})`, log);
      return;
    }
    if (memory) this.#outOfMemory(job, running, `${name} ran out of memory`, log);
    else if (verdict === 'lost' || verdict === 'unknown') this.#again(running, 'lost', `${name}: ${state}`, log);
    else if (verdict === 'time-limit') this.#timedOut(running, isFirst, name, log);
    else if (!job.begun.has(task)) {
      for (const work of works) this.#fail(work, `${name} ended (${state}) before it could begin`, log);
      return;
    } else this.#fail(running, `${name} ended (${state}) without a result`, log);
    // They had not begun.
    for (const work of behind) this.#requeue(work);
  }

  #timedOut(work: Work, isFirst: boolean, name: string, log: string): void {
    const { checkpoints } = work;
    const saved = this.#checkpoints(work);
    if (isFirst && (saved === '' || saved === checkpoints)) {
      const stage = work.unit.nodes[0]!.node.stage.name;
      return this.#fail(
        work,
        `${name} reached its time limit and saved no checkpoint: expected a longer limit: --slurm ${stage}.time=...`,
        log,
      );
    }
    if (isFirst) {
      work.attempts = { ...work.attempts, time: work.attempts.time + 1 };
      this.#note(`${name} reached its time limit: ${work.unit.nodes[0]!.node.name} goes on from its checkpoint`);
    }
    this.#requeue(work);
  }

  #outOfMemory(job: Job, work: Work, message: string, log: string): void {
    for (const key of work.left.keys()) job.watched.delete(key);
    const { memory } = job.record;
    const stage = work.unit.nodes[0]!.node.stage.name;
    if (memory === undefined)
      return this.#fail(work, `${message}: expected memory to be asked for: --slurm ${stage}.memory=...`, log);
    const { maxMemory = Infinity } = this.#context.options;
    if (work.attempts.memory > 0 || 2 * memory > maxMemory)
      return this.#fail(work, `${message} (${memory} MB): expected more: --slurm ${stage}.memory=...`, log);
    work.attempts = { ...work.attempts, memory: 1 };
    this.#note(`${message} (${memory} MB): ${work.unit.nodes[0]!.node.name} runs again with ${2 * memory} MB`);
    this.#requeue(work);
  }

  #again(work: Work, kind: 'lost', message: string, log: string): void {
    work.attempts = { ...work.attempts, [kind]: work.attempts[kind] + 1 };
    if (work.attempts[kind] >= mostLost) return this.#fail(work, `${message}: lost ${mostLost} times`, log);
    this.#note(`${message}: ${work.unit.nodes[0]!.node.name} runs again`);
    this.#requeue(work);
  }

  #fail(work: Work, message: string, log: string): void {
    for (const key of work.left.keys()) {
      this.#context.spool.unclaim(key);
      work.ends.set(key, { type: 'failed', message, log });
    }
    work.left.clear();
    this.#finish(work);
  }

  #requeue(work: Work): void {
    work.claimed = true;
    work.started = false;
    if (this.#stopped) this.#leave(work);
    // It was its turn before.
    else this.#pending.putBack([work]);
  }

  // -- Submitting ------------------------------------------------------------------------------------------------------

  /** Submits what waits, as far as there is room; whether anything was. */
  async #submit(): Promise<boolean> {
    const { options } = this.#context;
    const began = this.#clock.now();
    this.#nextSubmit = began + Math.min(gatherMilliseconds, 1000 * options.poll);
    if (
      this.#full &&
      this.#queuedTasks() >= this.#full.tasks &&
      this.#queuedTasks() > 0 &&
      began - this.#full.at < forgottenMilliseconds
    )
      return false;
    this.#full = undefined;
    let submitted = false;
    for (const group of this.#pending.groups()) {
      while (this.#pending.count(group) > 0 && !this.#full && !this.#over) {
        const size = Math.min(options.queue - this.#queuedTasks(), this.#arraySize!, this.#arrayCap);
        if (size < 1) break;
        submitted = true;
        const array = this.#pack(group, size);
        this.#pending.putBack(await this.#start(array));
      }
    }
    if (submitted) {
      this.#backOff = 1;
      this.#nextQueue = Math.min(this.#nextQueue || Infinity, this.#clock.now() + 1000 * options.poll);
    }
    return submitted;
  }

  #queuedTasks(): number {
    let sum = 0;
    for (const job of this.#jobs.values()) sum += this.#watchedTasks(job).size;
    return sum;
  }

  #memory({ request: { memory }, attempts }: Work): number | undefined {
    return memory === undefined ? undefined : memory * 2 ** attempts.memory;
  }

  /** Units that run one after another in a task: as many as take about the time that one should. */
  #pack(group: string, tasks: number): Work[][] {
    const { options } = this.#context;
    const most = Math.max(1, Math.ceil(this.#pending.count(group) / leastTasks));
    const packed: Work[][] = [];
    while (packed.length < tasks) {
      const first = this.#pending.shift(group);
      if (!first) break;
      const task = [first];
      const target = Math.min(options.pack, (first.request.seconds ?? Infinity) / 2);
      let sum = this.#secondsOf(first);
      for (let next = this.#pending.first(group); next && task.length < most; next = this.#pending.first(group)) {
        if ((sum += this.#secondsOf(next)) > target) break;
        task.push(this.#pending.shift(group)!);
      }
      packed.push(task);
    }
    return packed;
  }

  /** Infinite while it is not known. */
  #secondsOf({ left }: Work): number {
    let sum = 0;
    for (const node of left.values()) sum += this.#context.secondsOf(node) ?? Infinity;
    return sum;
  }

  /** Writes a job down and submits it. Returns the units that are to wait, because there are too many jobs. */
  async #start(array: readonly (readonly Work[])[]): Promise<Work[]> {
    const { spool, head, taskFile } = this.#context;
    const name = nameOf(array);
    const tasks: { works: Work[]; keys: Key[][] }[] = [];
    for (const works of array) {
      const task: (typeof tasks)[number] = { works: [], keys: [] };
      for (const work of works) {
        const keys = [...work.left.keys()].filter((key) => this.#claims(work, key, name));
        work.checkpoints = this.#checkpoints(work);
        if (keys.length === 0) continue;
        task.works.push(work);
        task.keys.push(keys);
      }
      if (task.works.length > 0) tasks.push(task);
    }
    if (tasks.length === 0) return [];
    const [first] = tasks[0]!.works;
    const record: JobRecord = {
      name,
      head,
      arguments: first!.request.words,
      memory: this.#memory(first!),
      tasks: tasks.map(({ works, keys }) => works.map(({ attempts }, i) => ({ keys: keys[i]!, attempts }))),
    };
    spool.create(record, () =>
      tasks.map(({ works, keys }) =>
        taskFile(works.map(({ unit, left }, i) => ({ unit, nodes: keys[i]!.map((key) => left.get(key)!) }))),
      ),
    );
    const job = this.#watch(record);
    for (const { works, keys } of tasks)
      works.forEach((work, i) => {
        work.claimed = true;
        for (const key of keys[i]!) job.watched.set(key, work);
      });
    return this.#send(job);
  }

  /** Whether this run is to submit a key; else the job that another has submitted for it is watched. */
  #claims(work: Work, key: Key, name: string): boolean {
    const { spool } = this.#context;
    if (work.claimed) {
      spool.reclaim(key, name);
      return true;
    }
    const holder = spool.claim(key, name);
    if (holder === undefined) return true;
    const record = this.#jobs.get(holder)?.record ?? spool.read(holder);
    if (!record?.tasks.some((units) => units.some(({ keys }) => keys.includes(key)))) {
      spool.reclaim(key, name);
      return true;
    }
    const job = this.#watch(record);
    job.watched.set(key, work);
    const unit = record.tasks.flat().find(({ keys }) => keys.includes(key))!;
    work.attempts = unit.attempts;
    this.#nextQueue = 0;
    return false;
  }

  #watch(record: JobRecord): Job {
    const known = this.#jobs.get(record.name);
    if (known) return known;
    const taskOf = new Map<Key, number>();
    record.tasks.forEach((units, task) => units.forEach(({ keys }) => keys.forEach((key) => taskOf.set(key, task))));
    const job: Job = {
      record,
      taskOf,
      watched: new Map(),
      states: new Map(),
      silent: new Map(),
      unseen: new Map(),
      taken: new Set(),
      begun: new Set(),
      stopped: new Set(),
      judged: new Set(),
      id: this.#context.spool.id(record.name),
      isBeingSent: false,
      unsure: false,
    };
    this.#jobs.set(record.name, job);
    return job;
  }

  async #send(job: Job): Promise<Work[]> {
    const { slurm, spool } = this.#context;
    const { record } = job;
    const { path, log } = spool.script(record.name);
    const words = [
      `--job-name=${record.name}`,
      `--array=0-${record.tasks.length - 1}`,
      `--output=${log}`,
      '--open-mode=append',
      '--requeue',
      ...(record.memory === undefined ? [] : [`--mem=${record.memory}M`]),
      ...record.arguments,
    ];
    job.isBeingSent = true;
    const answer = await slurm.submit(words, path);
    job.isBeingSent = false;
    const works = [...new Set(job.watched.values())];
    if (this.#over) {
      await this.#settleLate(job, answer);
      return [];
    }
    if (answer.type === 'accepted') {
      job.id = answer.id;
      spool.submitted(record.name, answer.id);
      this.#arrayCap = Math.max(2 * this.#arrayCap, 1);
      return [];
    }
    if (answer.type === 'unreachable') {
      job.unsure = true;
      this.#warn('submit', `sbatch: ${answer.message}: submitted again once Slurm answers`);
      this.#backOff = Math.min(2 * this.#backOff, mostBackOff);
      this.#nextQueue = this.#clock.now() + 1000 * this.#context.options.poll * this.#backOff;
      return [];
    }
    this.#jobs.delete(record.name);
    spool.remove(record.name);
    const queued = this.#queuedTasks();
    if (answer.type === 'full' && queued === 0) await this.#lookForOthers();
    const isForItself = answer.type === 'refused' || (queued === 0 && !this.#othersQueued && record.tasks.length === 1);
    if (isForItself) {
      for (const work of works) this.#fail(work, `sbatch: ${answer.message}`, '');
      return [];
    }
    this.#arrayCap = Math.max(1, Math.floor(record.tasks.length / 2));
    this.#full = { tasks: queued, at: this.#clock.now() };
    this.#warn(
      'full',
      `sbatch: ${answer.message}: ${plural(record.tasks.length, 'task')} will wait until there is room`,
    );
    return works;
  }

  /** What becomes of a job that was being submitted when the run was interrupted. */
  async #settleLate(job: Job, answer: Submission): Promise<void> {
    job.unsure = answer.type === 'unreachable';
    if (answer.type === 'accepted') job.id = answer.id;
    else if (!job.unsure) return this.#forget(job);
    if (this.onInterrupt === 'cancel') return this.#cancel([job]);
    if (job.id !== undefined) this.#context.spool.submitted(job.record.name, job.id);
  }

  async #lookForOthers(): Promise<void> {
    try {
      const queue = await this.#context.slurm.queue();
      this.#othersQueued = queue.some(({ name, state }) => !this.#jobs.has(name) && verdictOf(state) === 'active');
    } catch {
      this.#othersQueued = true;
    }
  }

  #checkpoints({ left }: Work): string {
    return [...left.keys()]
      .map((key) => this.#context.checkpoint(key))
      .join(' ')
      .trim();
  }

  #warn(about: string, message: string): void {
    if (this.#warned.has(about)) return;
    this.#warned.add(about);
    this.#context.emit({ type: 'warning', message });
  }

  #note(message: string): void {
    this.#context.emit({ type: 'note', message });
  }
}

/** The same for the same units tried as often: a run that died before it knew whether it submitted a job finds it by its name. */
function nameOf(array: readonly (readonly Work[])[]): string {
  const units = array.map((works) => works.map(({ left, attempts }) => [[...left.keys()], attempts]));
  return namePrefix + sha256(JSON.stringify(units)).slice(0, 16);
}
