import type { Clock } from '../../src/cluster/slurm/executor.ts';
import { SlurmExecutor } from '../../src/cluster/slurm/executor.ts';
import type { QueuedTask, Slurm, Submission } from '../../src/cluster/slurm/commands.ts';
import { slurmOptions } from '../../src/cluster/slurm/options.ts';
import type { SlurmOptions } from '../../src/cluster/slurm/options.ts';
import type { Ends, JobRecord, KeyEnd, Spool, TaskFile } from '../../src/cluster/spool.ts';
import type { RunEvent } from '../../src/events.ts';
import type { NodeEnd, NodeToBuild } from '../../src/execute/executor.ts';
import { sha256 } from '../../src/graph/digest.ts';
import type { Digest, Key } from '../../src/graph/digest.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import type { Execution } from '../../src/graph/stage.ts';
import type { ActionResult } from '../../src/store/store.ts';

interface Entry {
  readonly at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** A clock that stands still until it is told to go on: it then calls back whatever is due, in order. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  now = (): number => this.#now;

  after = (milliseconds: number, callback: () => void): (() => void) => {
    const entry: Entry = { at: this.#now + milliseconds, order: this.#order++, callback };
    this.#push(entry);
    return () => (entry.callback = undefined);
  };

  /** Goes on until the condition holds, or nothing is left to happen. */
  async runUntil(holds: () => boolean, limitSeconds = Infinity): Promise<void> {
    for (;;) {
      // Everything that follows from what has happened, before anything else does.
      await new Promise((resolve) => void setImmediate(resolve));
      if (holds() || this.#now >= 1000 * limitSeconds) return;
      const next = this.#pop();
      if (!next) return;
      this.#now = Math.max(this.#now, next.at);
      next.callback?.();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    heap.push(entry);
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || heap.length === 0) return top;
    heap[0] = last!;
    for (let i = 0; ;) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && isBefore(heap[child]!, heap[first]!)) first = child;
      if (first === i) return top;
      [heap[i], heap[first]] = [heap[first]!, heap[i]!];
      i = first;
    }
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** What a run keeps of its jobs, in memory. */
export class MemorySpool implements Spool {
  readonly records = new Map<string, { record: JobRecord; at: number; id?: string }>();
  readonly claims = new Map<Key, string>();
  readonly left = new Map<string, { ends: Map<Key, KeyEnd>; begun: Set<number>; stopped: Set<number> }>();
  readonly logs = new Map<string, string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  jobs = (): JobRecord[] => [...this.records.values()].map(({ record }) => record);
  read = (name: string): JobRecord | undefined => this.records.get(name)?.record;
  create = (record: JobRecord): boolean => {
    if (this.records.has(record.name)) return false;
    this.records.set(record.name, { record, at: this.#now() });
    this.left.set(record.name, { ends: new Map(), begun: new Set(), stopped: new Set() });
    return true;
  };
  script = (name: string): { path: string; log: string } => ({ path: name, log: '' });
  submitted = (name: string, id: string): void => {
    const known = this.records.get(name);
    if (known) known.id = id;
  };
  id = (name: string): string | undefined => this.records.get(name)?.id;
  claim = (key: Key, name: string): string | undefined => {
    const holder = this.claims.get(key);
    if (holder === undefined) this.claims.set(key, name);
    return holder;
  };
  claimOf = (key: Key): string | undefined => this.claims.get(key);
  reclaim = (key: Key, name: string): void => void this.claims.set(key, name);
  unclaim = (key: Key): void => void this.claims.delete(key);
  ends = (name: string): Ends => {
    const { ends, begun, stopped } = this.left.get(name) ?? {
      ends: new Map<Key, KeyEnd>(),
      begun: new Set<number>(),
      stopped: new Set<number>(),
    };
    return { keys: [...ends.keys()], begun, stopped };
  };
  end = (name: string, key: Key): KeyEnd | undefined => this.left.get(name)?.ends.get(key);
  logTail = (name: string, task: number): string => this.logs.get(`${name} ${task}`) ?? '';
  createdAt = (name: string): number => this.records.get(name)?.at ?? 0;
  remove = (name: string): void => {
    this.records.delete(name);
    this.left.delete(name);
  };
}

/** How a task ends if it does not build all its units: after so many seconds of its first unit, in this state. */
export interface Fate {
  readonly state: string;
  readonly seconds: number;
  readonly log?: string;
  /** It goes back into the queue by itself. */
  readonly requeue?: boolean;
  /** The result was recorded, and no word of it left. */
  readonly silent?: boolean;
  /** The node wrote a checkpoint. */
  readonly saves?: boolean;
  /** Before it could begin. */
  readonly neverBegan?: boolean;
  /** It heard that its time is up, and ended by itself. */
  readonly stops?: boolean;
}

interface Task {
  readonly job: string;
  readonly name: string;
  readonly task: number;
  readonly memory: number | undefined;
  state: string;
  reason: string;
  endedAt: number;
  cancel: () => void;
}

/** With more tasks than this, what squeue no longer shows is forgotten. */
const mostRemembered = 10_000;

/** A cluster with a queue and slots, on a virtual clock: its jobs build nodes as `exec-node` does. */
export class FakeCluster implements Slurm {
  readonly clock: VirtualClock;
  readonly spool: MemorySpool;
  readonly results = new Set<Key>();
  /** How often each key was built. */
  readonly built = new Map<Key, number>();
  readonly checkpoints = new Map<Key, number>();
  readonly calls = { submit: 0, queue: 0, accounting: 0, cancel: 0 };
  readonly submissions: { readonly options: readonly string[]; readonly tasks: number; readonly at: number }[] = [];
  readonly tasks: Task[] = [];
  slots = Infinity;
  startSeconds = 1;
  secondsOf: (key: Key) => number = () => 10;
  fateOf: (keys: readonly Key[], memory: number | undefined, attempt: number) => Fate | undefined = () => undefined;
  /** What sbatch answers in place of taking a job. */
  refuse: (options: readonly string[], tasks: number) => Exclude<Submission, { type: 'accepted' }> | undefined = () =>
    undefined;
  /** Taken although it answers that it did not hear. */
  lostAnswers = 0;
  /** How long sbatch takes. */
  submitSeconds = 0;
  isDown = false;
  /** squeue does not come back. */
  isSilent = false;
  hasAccounting = true;
  /** For so long squeue shows a job that has ended. */
  keptSeconds = 300;
  arraySize = 1000;
  mostQueued = 0;
  readonly #waiting: Task[] = [];
  readonly #attempts = new Map<string, number>();
  #running = 0;
  #ids = 100;

  constructor(clock = new VirtualClock()) {
    this.clock = clock;
    this.spool = new MemorySpool(clock.now);
  }

  submit = async (options: readonly string[], script: string): Promise<Submission> => {
    this.calls.submit++;
    if (this.submitSeconds > 0)
      await new Promise<void>((resolve) => void this.clock.after(1000 * this.submitSeconds, resolve));
    const last = Number(/--array=0-(\d+)/.exec(options.join(' '))?.[1]);
    this.submissions.push({ options, tasks: last + 1, at: this.clock.now() });
    if (this.isDown) return { type: 'unreachable', message: 'Unable to contact slurm controller' };
    const refused = this.refuse(options, last + 1);
    if (refused) return refused;
    const job = String(this.#ids++);
    const memory = /--mem=(\d+)M/.exec(options.join(' '))?.[1];
    for (let task = 0; task <= last; task++) {
      const queued = {
        job,
        name: script,
        task,
        memory: memory === undefined ? undefined : Number(memory),
        state: 'PENDING',
        reason: 'Priority',
        endedAt: Infinity,
        cancel: () => undefined,
      };
      this.tasks.push(queued);
      this.#waiting.push(queued);
    }
    this.mostQueued = Math.max(this.mostQueued, this.#waiting.length + this.#running);
    this.#fill();
    if (this.lostAnswers > 0) {
      this.lostAnswers--;
      return { type: 'unreachable', message: 'Socket timed out on send/recv operation' };
    }
    return { type: 'accepted', id: job };
  };

  queue = (): Promise<readonly QueuedTask[]> => {
    this.calls.queue++;
    if (this.isSilent) return new Promise((_, reject) => this.unanswered.push(reject));
    if (this.isDown) return Promise.reject(new Error('squeue: Unable to contact slurm controller'));
    const since = this.clock.now() - 1000 * this.keptSeconds;
    if (this.tasks.length > mostRemembered)
      this.tasks.splice(0, Infinity, ...this.tasks.filter(({ endedAt }) => endedAt >= since));
    return Promise.resolve(
      this.tasks
        .filter(({ endedAt }) => endedAt >= since)
        .map(({ job, name, task, state, reason }) => ({ id: job, task, name, state, reason })),
    );
  };

  accounting = (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    this.calls.accounting++;
    const told = this.hasAccounting && !this.isDown ? this.tasks.filter(({ job }) => ids.includes(job)) : [];
    return Promise.resolve(new Map(told.map(({ job, task, state }) => [`${job}_${task}`, state])));
  };

  cancel = (ids: readonly string[]): Promise<void> => {
    this.calls.cancel++;
    for (const task of this.tasks) if (ids.includes(task.job) && task.endedAt === Infinity) this.end(task, 'CANCELLED');
    return Promise.resolve();
  };

  /** Questions that are not answered, until nobody waits for them any more. */
  readonly unanswered: ((error: Error) => void)[] = [];

  stopAsking = (): void => {
    for (const fail of this.unanswered.splice(0)) fail(new Error('squeue was not waited for'));
  };

  limits = (): Promise<{ arraySize: number }> => Promise.resolve({ arraySize: this.arraySize });

  /** Ends a task in this state, now. */
  end(task: Task, state: string): void {
    if (task.endedAt !== Infinity) return;
    task.cancel();
    const waiting = this.#waiting.indexOf(task);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    else this.#running--;
    task.state = state;
    task.reason = 'None';
    task.endedAt = this.clock.now();
    this.#fill();
  }

  #fill(): void {
    while (this.#running < this.slots && this.#waiting.length > 0) {
      const task = this.#waiting.shift()!;
      this.#running++;
      task.state = 'RUNNING';
      task.reason = 'None';
      task.cancel = this.clock.after(1000 * this.startSeconds, () => this.#begin(task));
    }
  }

  #begin(task: Task): void {
    const record = this.spool.read(task.name);
    const place = this.spool.left.get(task.name);
    if (!record || !place) return this.end(task, 'FAILED');
    const keys = record.tasks[task.task]!.flatMap((unit) => unit.keys);
    const attempt = (this.#attempts.get(keys[0]!) ?? 0) + 1;
    this.#attempts.set(keys[0]!, attempt);
    const fate = this.fateOf(keys, task.memory, attempt);
    if (!fate?.neverBegan) place.begun.add(task.task);
    place.stopped.delete(task.task);
    if (fate) {
      task.cancel = this.clock.after(1000 * fate.seconds, () => {
        if (fate.log !== undefined) this.spool.logs.set(`${task.name} ${task.task}`, fate.log);
        if (fate.saves) this.checkpoints.set(keys[0]!, (this.checkpoints.get(keys[0]!) ?? 0) + 1);
        if (fate.silent) this.#record(keys[0]!);
        if (fate.stops) place.stopped.add(task.task);
        if (!fate.requeue) return this.end(task, fate.state);
        this.#running--;
        task.state = 'PENDING';
        this.#waiting.push(task);
        this.#fill();
      });
      return;
    }
    const next = (i: number): void => {
      const key = keys[i];
      if (key === undefined) return this.end(task, 'COMPLETED');
      const seconds = this.results.has(key) ? 0 : this.secondsOf(key);
      task.cancel = this.clock.after(1000 * seconds, () => {
        if (!this.results.has(key)) this.#record(key);
        place.ends.set(key, { type: 'recorded', seconds });
        next(i + 1);
      });
    };
    next(0);
  }

  #record(key: Key): void {
    this.results.add(key);
    this.built.set(key, (this.built.get(key) ?? 0) + 1);
  }
}

export function resultFor(key: Key): ActionResult {
  return {
    outputs: { out: { digest: key as unknown as Digest, size: 1 } },
    trace: { digest: key as unknown as Digest, size: 1 },
  };
}

export interface Head {
  readonly executor: SlurmExecutor;
  readonly events: RunEvent[];
  /** Texts of notes and warnings. */
  readonly told: () => string[];
  /** What became of nodes, by name; those that have not ended are absent. */
  readonly ends: Map<string, NodeEnd>;
  readonly started: string[];
  /** Hands units over: each a list of names. */
  give(units: readonly (readonly string[])[], stage?: string, execution?: Execution): void;
}

export function keyOfName(name: string): Key {
  return sha256(name) as unknown as Key;
}

/** A run that submits to the cluster. */
export function startHead(
  cluster: FakeCluster,
  {
    settings = [],
    name = 'run-1',
    isHeadAlive = () => false,
    seconds,
  }: { settings?: readonly string[]; name?: string; isHeadAlive?: (head: string) => boolean; seconds?: number } = {},
): Head {
  const stages = new Set(['train', 'measure']);
  const options: SlurmOptions = slurmOptions({ pack: 0, visibility: 5 }, settings, stages);
  const events: RunEvent[] = [];
  const ends = new Map<string, NodeEnd>();
  const started: string[] = [];
  const executor = new SlurmExecutor({
    slurm: cluster,
    spool: cluster.spool,
    options,
    head: name,
    isHeadAlive,
    taskFile: (): TaskFile => ({ root: '', units: [], visibilitySeconds: 0 }),
    result: ({ key }) => (cluster.results.has(key) ? resultFor(key) : undefined),
    isRecorded: (key) => cluster.results.has(key),
    checkpoint: (key) => (cluster.checkpoints.has(key) ? String(cluster.checkpoints.get(key)) : ''),
    secondsOf: () => seconds,
    emit: (event) => void events.push(event),
    clock: cluster.clock,
  });
  return {
    executor,
    events,
    ends,
    started,
    told: () => events.flatMap((event) => (event.type === 'note' || event.type === 'warning' ? [event.message] : [])),
    give: (units, stage = 'train', execution) => {
      for (const names of units) {
        const nodes = names.map((each): NodeToBuild => ({
          node: bareNode(each, stage),
          key: keyOfName(each),
          inputs: {},
          force: false,
        }));
        void executor
          .build({ nodes, execution }, (i) => void started.push(names[i]!))
          .then((all) => all.forEach((end, i) => ends.set(names[i]!, end)));
      }
      executor.flush();
    },
  };
}

export function bareNode(name: string, stage: string): GraphNode {
  return { kind: 'node', index: 0, name, stage: { name: stage, outputs: { out: {} } } } as unknown as GraphNode;
}
