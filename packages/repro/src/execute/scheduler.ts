import { join } from 'node:path';
import type { StageCode } from '../code/stage-code.ts';
import { isStorageFailure } from '../errors.ts';
import type { EventListener, RunSummary } from '../events.ts';
import type { Digest, Key } from '../graph/digest.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { BackendExecution, Execution } from '../graph/stage.ts';
import { handedVariables } from '../graph/variables.ts';
import { Scan } from '../plan/scan.ts';
import type { Decision, ScanContext } from '../plan/scan.ts';
import { absent, complete, failed, open } from '../plan/outcome.ts';
import type { Outcome, Outputs } from '../plan/outcome.ts';
import type { InputDigests } from '../plan/key.ts';
import { removeIfPossible } from '../store/files.ts';
import type { Leases } from '../store/lease.ts';
import { pathOf, systemLine } from '../system-error.mjs';
import type { ActionResult, BlobReference } from '../store/store.ts';
import type { Executor, NodeEnd } from './executor.ts';
import { jobCode } from './job-code.ts';
import { explained } from './explain-failure.ts';
import { Feeders } from './feeders.ts';
import { outputDirectory, prepareFiles, removeScratch } from './node-files.ts';
import { sentenceOfKept } from './job-environment.ts';
import { shareLog } from './job-log.ts';
import { previousOf } from './node-record.ts';
import { ReadyQueue, criticalPaths, laneNames, rankedPaths, resourceGroup } from './ready-queue.ts';
import { recordResult } from './record.ts';
import { ResourceBudget } from './resources.ts';
import { Snapshots } from './snapshots.ts';
import { ofNode } from './worker-pool.ts';
import type { JobOutcome, Runner } from './worker-pool.ts';

export interface ScheduleOptions extends ScanContext {
  readonly graph: Graph;
  /** Nodes to bring up to date; closed under inputs. */
  readonly selected: ReadonlySet<GraphNode>;
  readonly forced: (node: GraphNode) => boolean;
  /** Nodes that are not built where they are not finished: what needs them goes without, as if they could not run here. */
  readonly leftOut?: ((node: GraphNode) => boolean) | undefined;
  readonly execution: (node: GraphNode) => Execution | BackendExecution | undefined;
  readonly runner: Runner;
  /** Builds nodes elsewhere, in place of the runner. */
  readonly executor?: Executor | undefined;
  readonly leases: Leases;
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** How the user runs just this node again. */
  readonly rerunCommand: (node: GraphNode) => string;
  readonly emit: EventListener;
  /** Outputs of a node whose bytes must be here although nothing runs on them: what is to be published. */
  readonly published?: (node: GraphNode) => readonly string[];
  /** Brings bytes that are elsewhere into the store, if it can; says whether it did. */
  readonly recover?: (blob: BlobReference) => boolean;
  /** What nodes are to ask for again: see the `pinned` of a stage. */
  readonly pinOf?: (node: GraphNode) => string | undefined;
  /** For a run that may not have the time for all: which nodes go first, and what is left of it. */
  readonly budget?: Budget | undefined;
  /** Calls back after so many milliseconds unless the function it returns is called first; tests put their own clock here. */
  readonly after?: (milliseconds: number, callback: () => void) => () => void;
}

/** A time in which a run has to end. */
export interface Budget {
  /** Nodes of a lower rank go first. */
  readonly rank: (node: GraphNode) => number;
  /** Seconds that a node takes; 0 where that is unknown. */
  readonly secondsOf: (node: GraphNode) => number;
  /** Seconds that are left. */
  readonly left: () => number;
}

type Failure = Extract<JobOutcome, { type: 'failed' }>;
type Dirty = Exclude<Decision, { state: 'fresh' } | { state: 'pending' }>;

const pollMilliseconds = 150;

/**
 * Brings the selected nodes up to date: each starts when its inputs are complete, its lease is had and its resources
 * are free. A topological scheduler; what is dirty is the scan's business, how a job runs the runner's.
 */
export class Scheduler {
  readonly outcomes: Outcome[];
  readonly keys: (Key | undefined)[];
  readonly #options: ScheduleOptions;
  readonly #scan: Scan;
  readonly #remaining: Int32Array;
  readonly #ready: ReadyQueue;
  readonly #dirty = new Map<GraphNode, Dirty>();
  /**
   * Nodes with a result whose bytes are elsewhere, and needed here: they run again, and must come out the same; but for
   * those whose result was of another backend, which are made anew on their own (undefined).
   */
  readonly #recalled = new Map<GraphNode, Outputs | undefined>();
  /** Of these, those that are not made yet. */
  readonly #remade = new Set<GraphNode>();
  /** Nodes that wait for the bytes of a recalled one. */
  readonly #waitingForBytes = new Map<GraphNode, Set<GraphNode>>();
  /** By recalled node, those that wait for it. */
  readonly #waitingFor = new Map<GraphNode, GraphNode[]>();
  /** Leased by another run. */
  readonly #waiting = new Set<GraphNode>();
  /** Of forced nodes that waited, the result that was there before: its trace, and whether this run asked again since. */
  readonly #resultBefore = new Map<GraphNode, { readonly trace: Digest; readonly asked: boolean }>();
  readonly #budget: ResourceBudget;
  readonly #progress: { executed: number; cached: number; failed: number; notRun: number } = {
    executed: 0,
    cached: 0,
    failed: 0,
    notRun: 0,
  };
  readonly #finishedOpen: GraphNode[] = [];
  readonly #feeders: Feeders;
  readonly #snapshots: Snapshots;
  #running = 0;
  #stopped = false;
  #interrupted = false;
  /** The time of the budget is over. */
  #late = false;
  #broken: { readonly error: unknown } | undefined;
  readonly #told = new Set<string>();
  /** Left out, or without something that was. */
  readonly #leftOut = new Set<GraphNode>();
  /** For a node that is blocked: the failed one that is to blame. */
  readonly #culprits = new Map<GraphNode, GraphNode>();
  #wake: () => void = () => undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const { nodes } = options.graph;
    this.#scan = new Scan(options);
    this.#snapshots = new Snapshots(join(options.store.directory, 'tmp', `inputs-${options.leases.id}`));
    this.outcomes = new Array<Outcome>(nodes.length).fill(open);
    this.keys = new Array<Key | undefined>(nodes.length).fill(undefined);
    this.#remaining = new Int32Array(nodes.length);
    const laneOf = laneNames(options.execution);
    const groupOf = (node: GraphNode): string => resourceGroup(options.execution(node));
    const paths = criticalPaths(nodes);
    const { budget } = options;
    this.#ready = new ReadyQueue(budget ? rankedPaths(nodes, paths, budget.rank) : paths, laneOf, groupOf);
    this.#feeders = new Feeders(options.execution, laneOf, options.selected);
    this.#budget = new ResourceBudget(options.jobs);
  }

  /** How many nodes have ended, and how. */
  get counts(): Omit<RunSummary, 'interrupted' | 'seconds'> {
    return this.#progress;
  }

  /** Lets running nodes save checkpoints and starts no more. */
  interrupt(): void {
    this.#interrupted = true;
    this.#stopped = true;
    this.#options.runner.abort();
    this.#options.executor?.interrupt();
    this.#wake();
  }

  /** As an interrupt, and no surprise: nodes that are running save what they have, and the run is not called interrupted. */
  timeIsUp(): void {
    this.#late = !this.#interrupted;
    this.interrupt();
  }

  async run(): Promise<RunSummary> {
    const started = performance.now();
    const { graph, selected } = this.#options;
    for (const node of graph.nodes) {
      if (selected.has(node)) for (const dependent of node.dependents) this.#remaining[dependent.index]!++;
    }
    for (const node of graph.nodes)
      if (selected.has(node) && this.#remaining[node.index] === 0) this.#finishedOpen.push(node);
    this.#guarded(() => this.#visitOpen());

    for (;;) {
      if (!this.#stopped) this.#guarded(() => this.#startReady());
      if (this.#running === 0 && (this.#stopped || (this.#ready.size === 0 && this.#waiting.size === 0))) break;
      await this.#somethingHappens();
      if (!this.#stopped) this.#guarded(() => this.#retryWaiting());
    }
    this.#snapshots.close();
    if (this.#broken) throw this.#broken.error;
    // Whoever builds nodes may say of one that it came to no end, as when a run is interrupted; a run that goes on has none.
    const mayBeOpen = this.#stopped || this.#interrupted || this.#options.budget !== undefined;
    const forgotten = mayBeOpen ? 0 : this.#openNodes();
    if (forgotten > 0)
      throw new Error(`${forgotten} of ${selected.size} nodes came to no end, and nothing says why: run again`);
    const seconds = (performance.now() - started) / 1000;
    const late = this.#options.budget ? this.#openNodes() : 0;
    // Nothing was started after a failure, and nobody asked for an end.
    const unstarted = this.#stopped && !this.#interrupted && late === 0 ? this.#openNodes() : 0;
    return {
      ...this.#progress,
      notRun: this.#progress.notRun + late + unstarted,
      interrupted: this.#interrupted && !this.#late,
      ...(late > 0 && { withoutTime: late }),
      seconds,
    };
  }

  /** How many of the selected nodes have come to no end. */
  #openNodes(): number {
    let open = 0;
    for (const node of this.#options.selected) if (this.outcomes[node.index]!.state === 'open') open++;
    return open;
  }

  /**
   * An error that is no node's, such as a store that can no longer be written to, ends the run, but not before the
   * running nodes had the time to save what they have.
   */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    this.#broken ??= { error };
    this.interrupt();
  }

  /** Works through nodes whose inputs are complete: cached ones finish at once, the others become ready. */
  #visitOpen(): void {
    for (let node = this.#finishedOpen.pop(); node; node = this.#finishedOpen.pop()) {
      const culprit = this.#failedInput(node);
      if (culprit) {
        this.#progress.notRun++;
        this.#culprits.set(node, culprit);
        this.#options.emit({ type: 'node-blocked', node, by: culprit.name });
        this.#complete(node, failed);
        continue;
      }
      const missing = this.#absentInput(node);
      if (missing) {
        const message = `${missing.name} was not run`;
        if (this.#leftOut.has(missing)) this.#leaveOut(node, message);
        else {
          this.#progress.notRun++;
          this.#options.emit({ type: 'node-not-run', node, message });
          this.#complete(node, absent);
        }
        continue;
      }
      const remade = this.#inputsBeingRemade(node);
      if (remade.size > 0) {
        this.#waitFor(node, remade);
        continue;
      }
      let decision: Decision;
      try {
        decision = this.#scan.decide(node, (producer) => this.outcomes[producer.index]!, this.#options.forced(node));
      } catch (error) {
        this.#fail(node, '', { message: systemLine(error), log: '', cannotRun: true });
        continue;
      }
      if (decision.state === 'fresh') {
        this.#finishCached(node, decision.key, decision.result);
        const published = this.#options.published?.(node) ?? [];
        if (this.#isElsewhere(decision.result.outputs, published) && !this.#options.leftOut?.(node)) this.#recall(node);
      } else if (this.#options.leftOut?.(node)) this.#leaveOut(node, 'left out');
      else if (decision.state !== 'pending') {
        const source = this.#leftOutSource(node);
        if (source)
          this.#leaveOut(
            node,
            `the bytes of ${source.name} are not here, and it is left out: import them, or drop --leave-out`,
          );
        else this.#admit(node, decision);
      }
    }
  }

  /**
   * A node that is left out, and that would have to run again for a node that is to run, itself or for bytes of what that
   * is made of: its result is known, its bytes are elsewhere.
   */
  #leftOutSource(node: GraphNode): GraphNode | undefined {
    const { leftOut } = this.#options;
    if (!leftOut) return undefined;
    // Each producer once: in a graph of diamonds there are far more ways than nodes.
    const found = new Set([node]);
    for (const at of found) {
      for (const producer of this.#producersElsewhere(at)) {
        if (leftOut(producer)) return producer;
        found.add(producer);
      }
    }
    return undefined;
  }

  #leaveOut(node: GraphNode, message: string): void {
    this.#leftOut.add(node);
    this.#progress.notRun++;
    this.#options.emit({ type: 'node-not-run', node, message, leftOut: true });
    this.#complete(node, absent);
  }

  /** A node that is to run is ready, unless bytes of its inputs are elsewhere: then what makes these runs before. */
  #admit(node: GraphNode, decision: Dirty): void {
    const producers = this.#producersElsewhere(node);
    const used = [...producers].find((producer) => this.#isOfOtherBackend(producer) && this.#isUsed(producer));
    if (used) {
      const message = `the bytes of ${used.name} are not here, and another backend made them: import them, or drop --accept-backend`;
      this.#finishNotRun(node, decision.key, message);
      return;
    }
    if (producers.size > 0) {
      this.#waitFor(node, producers);
      for (const producer of producers) this.#recall(producer);
      return;
    }
    this.#dirty.set(node, decision);
    this.#ready.push(node);
    this.#feeders.expect(node);
  }

  /** Until all of these have come to an end. */
  #waitFor(node: GraphNode, producers: Set<GraphNode>): void {
    this.#waitingForBytes.set(node, producers);
    for (const producer of producers) {
      const others = this.#waitingFor.get(producer);
      if (others) others.push(node);
      else this.#waitingFor.set(producer, [node]);
    }
  }

  #producersElsewhere(node: GraphNode): Set<GraphNode> {
    const producers = new Set<GraphNode>();
    for (const { handles } of node.inputs) {
      for (const { node: producer, output } of handles) {
        if (producer.kind !== 'node') continue;
        const outcome = this.outcomes[producer.index]!;
        if (outcome.state === 'complete' && this.#isElsewhere(outcome.outputs, [output])) producers.add(producer);
      }
    }
    return producers;
  }

  /** Runs a node again whose result is known and whose bytes are elsewhere. */
  #recall(node: GraphNode): void {
    const outcome = this.outcomes[node.index]!;
    if (this.#recalled.has(node) || outcome.state !== 'complete') return;
    this.#recalled.set(node, outcome.outputs);
    this.#progress.cached--;
    this.#admit(node, this.#forBytes(node));
  }

  /** On its own backend, whichever made the result: no other can make these bytes. */
  #forBytes(node: GraphNode): Dirty {
    const inputs = this.#inputsOf(node);
    const key = this.#scan.ownKey(node, inputs);
    if (key !== this.keys[node.index]) {
      this.#recalled.set(node, undefined);
      this.#remade.add(node);
    }
    return { state: 'missing', key, inputs, reasons: [{ kind: 'bytes needed', details: [] }] };
  }

  #inputsOf(node: GraphNode): InputDigests {
    return this.#scan.inputDigests(node, (producer) => this.outcomes[producer.index]!)!;
  }

  #isOfOtherBackend(node: GraphNode): boolean {
    return !this.#recalled.has(node) && this.keys[node.index] !== this.#scan.ownKey(node, this.#inputsOf(node));
  }

  /** Whether a result was made of its result, by this run or before. */
  #isUsed({ dependents }: GraphNode): boolean {
    return dependents.some((node) => {
      if (!this.#options.selected.has(node)) return false;
      if (this.outcomes[node.index]!.state === 'complete' || this.#dirty.has(node)) return true;
      if (this.#options.forced(node)) return false;
      return this.#scan.decide(node, (producer) => this.outcomes[producer.index]!).state === 'fresh';
    });
  }

  #inputsBeingRemade({ inputs }: GraphNode): Set<GraphNode> {
    const found = new Set<GraphNode>();
    if (this.#remade.size > 0)
      for (const { handles } of inputs)
        for (const { node } of handles) if (node.kind === 'node' && this.#remade.has(node)) found.add(node);
    return found;
  }

  #isElsewhere(outputs: Outputs, names: readonly string[]): boolean {
    const { store, recover } = this.#options;
    return names.some((name) => {
      const blob = outputs[name];
      return blob !== undefined && store.verify(blob) === 'absent' && !recover?.(blob);
    });
  }

  #finishCached(node: GraphNode, key: Key, result: { readonly outputs: Outputs; readonly trace: BlobReference }): void {
    const { byName } = this.#options;
    this.keys[node.index] = key;
    if (!byName.isCurrent(node.name, key))
      byName.write({
        node: node.name,
        key,
        state: 'done',
        outputs: result.outputs,
        trace: result.trace,
      });
    this.#progress.cached++;
    this.#options.emit({ type: 'node-cached', node, key });
    this.#complete(node, complete(result.outputs));
  }

  #startReady(): void {
    if (this.#options.executor) return this.#handOver(this.#options.executor);
    const full = new Set<string>();
    for (let next = this.#ready.pop(full); next; next = this.#stopped ? undefined : this.#ready.pop(full)) {
      const { node, lane, group } = next;
      const execution = this.#options.execution(node);
      // It stays as it is for another run, and so does all that needs it.
      if (!this.#hasTime(node)) {
        this.#complete(node, open);
        continue;
      }
      if (this.#feeders.hold(lane)) {
        this.#ready.park(lane);
        this.#ready.push(node);
        continue;
      }
      const share = this.#budget.take(execution?.resources);
      if (!share) {
        full.add(group);
        this.#ready.push(node);
        continue;
      }
      const leased = this.#batchFor(node, lane, execution).filter((member) => this.#lease(member));
      if (leased.length === 0) {
        this.#budget.give(share);
        // Another run built it: what it held up may start now.
        full.clear();
        continue;
      }
      this.#running++;
      let given = false;
      const free = (): void => {
        if (!given) this.#budget.give(share);
        given = true;
        this.#wake();
      };
      void this.#runJob(leased, execution, free).finally(() => {
        this.#running--;
        free();
      });
    }
    if (!this.#stopped) this.#options.runner.expect?.(Math.min(this.#ready.size, this.#options.jobs));
  }

  /** Gives everything that is ready to who builds it elsewhere. */
  #handOver(executor: Executor): void {
    const none = new Set<string>();
    for (let next = this.#ready.pop(none); next; next = this.#ready.pop(none)) {
      const { node, lane } = next;
      if (this.#feeders.hold(lane)) {
        this.#ready.park(lane);
        this.#ready.push(node);
        continue;
      }
      const execution = this.#options.execution(node);
      const nodes = this.#batchFor(node, lane, execution);
      this.#running += nodes.length;
      void this.#buildElsewhere(executor, nodes, execution).finally(() => {
        this.#running -= nodes.length;
        this.#wake();
      });
    }
    executor.flush();
  }

  async #buildElsewhere(
    executor: Executor,
    nodes: readonly GraphNode[],
    execution: Execution | undefined,
  ): Promise<void> {
    const { emit, forced } = this.#options;
    const dirty = nodes.map((node) => this.#dirty.get(node)!);
    let ends: readonly NodeEnd[];
    try {
      const unit = nodes.map((node, i) => {
        const { key, inputs } = dirty[i]!;
        // Where it has a result that would be refused now, the job must not take that for its own.
        const force = forced(node) || dirty[i]!.reasons.some(({ kind }) => kind === 'declaration changed');
        return { node, key, inputs, force, recorded: this.#recalled.get(node) };
      });
      ends = await executor.build({ nodes: unit, execution }, (i) => {
        emit({ type: 'node-started', node: nodes[i]!, key: dirty[i]!.key, reasons: dirty[i]!.reasons });
      });
    } catch (error) {
      this.#break(error);
      ends = nodes.map(() => ({ type: 'open' }));
    }
    this.#guarded(() => {
      for (const [i, node] of nodes.entries()) {
        const { key } = dirty[i]!;
        const end = ends[i]!;
        this.#dirty.delete(node);
        if (end.type === 'recorded') this.#finishBuilt(node, key, end.result, end);
        else if (end.type === 'failed') this.#fail(node, key, end);
        else if (end.type === 'not-run') this.#finishNotRun(node, key, end.message);
        else this.#complete(node, open);
      }
      this.#visitOpen();
    });
  }

  /** The ready nodes that run in one job with this one: its lane has those of its shape. */
  #batchFor(node: GraphNode, lane: string, execution: Execution | undefined): GraphNode[] {
    const batch = [node];
    if (!execution?.batchBy) return batch;
    const share = execution.batchWaits === false ? (1 + this.#ready.countOf(lane)) / this.#options.jobs : Infinity;
    const { budget } = this.#options;
    let seconds = budget?.secondsOf(node) ?? 0;
    while (batch.length < Math.min(share, execution.maximumBatch ?? Infinity)) {
      const other = this.#ready.popFrom(lane);
      if (!other) break;
      seconds += budget?.secondsOf(other) ?? 0;
      if (budget && seconds > budget.left()) {
        // It may fit into a job of its own.
        this.#ready.push(other);
        break;
      }
      batch.push(other);
    }
    return batch;
  }

  #hasTime(node: GraphNode): boolean {
    const { budget } = this.#options;
    return !budget || budget.secondsOf(node) <= budget.left();
  }

  /** True if this run may build the node now; otherwise it is cached by now, or waits for who is building it. */
  #lease(node: GraphNode): boolean {
    const { key } = this.#dirty.get(node)!;
    if (!this.#options.leases.acquire(key, node)) {
      if (!this.#waiting.has(node)) this.#options.emit({ type: 'node-waiting', node });
      if (this.#options.forced(node) && !this.#resultBefore.has(node)) {
        const trace = this.#options.store.readResult(key)?.trace.digest;
        if (trace) this.#resultBefore.set(node, { trace, asked: false });
      }
      this.#waiting.add(node);
      return false;
    }
    const found = this.#options.forced(node) ? undefined : this.#found(node, key);
    if (!found) return true;
    this.#options.leases.release(key);
    this.#finishCached(node, key, found);
    this.#visitOpen();
    return false;
  }

  #found(node: GraphNode, key: Key): ActionResult | undefined {
    const { result } = this.#options.store.lookup(key, Object.keys(node.stage.outputs), this.#recalled.has(node));
    return result && this.#scan.misfit(node, result) === undefined ? result : undefined;
  }

  #retryWaiting(): void {
    for (const node of [...this.#waiting]) {
      this.#waiting.delete(node);
      const { key } = this.#dirty.get(node)!;
      const found = this.#foundWhileWaiting(node, key);
      if (found) {
        this.#finishCached(node, key, found);
        this.#visitOpen();
      } else if (this.#options.leases.isHeld(key)) this.#waiting.add(node);
      else this.#ready.push(node);
    }
  }

  /**
   * The result of a node that another run was building. Of one that is forced, only a result that was made since; or any,
   * where after the other's end this run waited once more, since the node is not this run's to build.
   */
  #foundWhileWaiting(node: GraphNode, key: Key): ActionResult | undefined {
    const result = this.#found(node, key);
    const before = this.#resultBefore.get(node);
    if (!result || !before || result.trace.digest !== before.trace) return result;
    if (this.#options.leases.isHeld(key)) return undefined;
    if (before.asked) return result;
    this.#resultBefore.set(node, { ...before, asked: true });
    return undefined;
  }

  /** `free`: gives back what the job took. */
  async #runJob(taken: readonly GraphNode[], execution: Execution | undefined, free: () => void): Promise<void> {
    const { store, root, emit, runner, leases } = this.#options;
    const { nodes, files, unprepared } = this.#prepare(taken);
    const logs = nodes.map((node) => store.logPath(this.#dirty.get(node)!.key));
    const started = performance.now();
    const settled = new Set<GraphNode>();
    let [each, last] = [0, started];
    // Nodes of a job share the time in which none of them ended.
    const secondsEach = (): number => {
      const now = performance.now();
      each += (now - last) / 1000 / Math.max(1, nodes.length - settled.size);
      last = now;
      return each;
    };
    const settle = (node: GraphNode, outcome: JobOutcome, times: NodeTimes): void => {
      const { key } = this.#dirty.get(node)!;
      const done = this.#settle(node, outcome, times);
      leases.release(key);
      settled.add(node);
      if (done) this.#dirty.delete(node);
      else this.#waiting.add(node);
    };
    const finish = (node: GraphNode): void => {
      if (settled.has(node)) return;
      this.#guarded(() => {
        settle(node, { type: 'done' }, { seconds: secondsEach() });
        this.#visitOpen();
      });
      this.#wake();
    };
    if (unprepared.size > 0)
      this.#guarded(() => {
        for (const [node, outcome] of unprepared) settle(node, outcome, { seconds: 0 });
        this.#visitOpen();
      });
    if (nodes.length === 0) return;
    let outcome: JobOutcome;
    try {
      for (const node of nodes) {
        const { key, reasons } = this.#dirty.get(node)!;
        emit({ type: 'node-started', node, key, reasons });
      }
      outcome = await runner.run(
        {
          type: 'run',
          ...jobCode(
            nodes.map((node) => this.#code(node)),
            files,
          ),
          batch: execution?.batchBy !== undefined,
          log: logs[0]!,
          variables: handedVariables(nodes[0]!.stage),
        },
        (index, fraction) => {
          if (!settled.has(nodes[index]!)) emit({ type: 'node-progress', node: nodes[index]!, fraction });
        },
        (index) => finish(nodes[index]!),
      );
      for (const log of logs.slice(1)) shareLog(logs[0]!, log);
      const { stage } = nodes[0]!;
      outcome = explained(outcome, stage.command, { root, files: Object.keys(this.#code(nodes[0]!).files) });
    } catch (error) {
      outcome = thrown(error);
    }
    if (outcome.type === 'done') this.#tellUndeclared(nodes[0]!, outcome.undeclared ?? []);
    const seconds = secondsEach();
    // Others may use the accelerator while what came of this job is digested and written.
    if ((execution?.resources?.accelerator ?? 0) > 0) {
      free();
      if (!this.#stopped) this.#guarded(() => this.#startReady());
    }
    const cpuSeconds = idleSeconds(outcome, (performance.now() - started) / 1000, execution);
    const times = { seconds, ...(cpuSeconds !== undefined && { cpuSeconds: cpuSeconds / nodes.length }) };
    this.#guarded(() => {
      for (const [index, node] of nodes.entries()) if (!settled.has(node)) settle(node, ofNode(outcome, index), times);
      this.#visitOpen();
    });
  }

  /** Hands nodes their files. One whose inputs are not as they should be fails alone, and not the others of its job. */
  #prepare(taken: readonly GraphNode[]) {
    const { store, root, leases } = this.#options;
    const snapshot = (path: string, digest = this.#scan.sourceDigest(path)): string =>
      this.#snapshots.take(join(root, path), digest, path);
    const nodes: GraphNode[] = [];
    const files: ReturnType<typeof prepareFiles>[] = [];
    const unprepared = new Map<GraphNode, JobOutcome>();
    for (const node of taken) {
      try {
        files.push(
          prepareFiles(
            {
              node,
              key: this.#dirty.get(node)!.key,
              pin: this.#options.pinOf?.(node),
              files: this.#code(node).contents ?? {},
              programFolders: this.#code(node).programFolders,
            },
            leases.id,
            { store, snapshot, root },
            (producer) => this.outcomes[producer.index]!,
          ),
        );
        nodes.push(node);
      } catch (error) {
        unprepared.set(node, thrown(error));
      }
    }
    return { nodes, files, unprepared };
  }

  /** Told once for a stage and a variable. */
  #tellUndeclared({ stage }: GraphNode, names: readonly string[]): void {
    const untold = names.filter((name) => !this.#told.has(`${stage.name} ${name}`));
    for (const name of untold) this.#told.add(`${stage.name} ${name}`);
    const sentence = sentenceOfKept(untold);
    if (sentence !== undefined) this.#options.emit({ type: 'warning', message: `${stage.name}: ${sentence}` });
  }

  /**
   * Takes in what became of a node. False if it came to nothing because another run has taken its lease over, which
   * replaces what lies in its scratch directory: then that run is waited for.
   */
  #settle(node: GraphNode, outcome: JobOutcome, times: NodeTimes): boolean {
    const { seconds } = times;
    const { key, inputs } = this.#dirty.get(node)!;
    const { store, leases } = this.#options;
    const owned = leases.owns(key);
    if (outcome.type === 'failed') {
      if (isStorageFailure(outcome))
        this.#break(Object.assign(new Error(outcome.message), { code: outcome.code, path: outcome.path }));
      if (this.#interrupted) this.#complete(node, open);
      else if (owned) this.#fail(node, key, outcome);
      else return false;
      return true;
    }
    if (outcome.type === 'not-run') {
      this.#finishNotRun(node, key, outcome.message);
      return true;
    }
    const scratch = store.scratchDirectory(key);
    const out = outputDirectory(scratch, leases.id);
    try {
      const result = recordResult(
        { node, key, code: this.#code(node), numericClass: this.#options.numericClass(node), inputs, seconds },
        out,
        { ...this.#options, snapshots: this.#snapshots },
        this.#recalled.get(node),
      );
      if (owned) removeScratch(node, scratch, leases.id);
      else removeIfPossible(out);
      this.#noteChecked(node, result);
      this.#finishBuilt(node, key, result, times);
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      if (!owned) return false;
      this.#fail(node, key, { message: systemLine(error), log: '' });
    }
    return true;
  }

  /** Outputs of a stage were checked before they were recorded. */
  #noteChecked({ stage }: GraphNode, { outputs }: ActionResult): void {
    const { checked } = this.#options;
    if (checked && !stage.command)
      for (const [name, type] of Object.entries(stage.outputs)) checked.add(type, outputs[name]!.digest);
  }

  #finishBuilt(node: GraphNode, key: Key, { outputs, trace }: ActionResult, times: NodeTimes): void {
    const { seconds, cpuSeconds } = times;
    this.#options.byName.write({ node: node.name, key, state: 'done', outputs, trace });
    this.keys[node.index] = key;
    this.#progress.executed++;
    this.#options.emit({
      type: 'node-finished',
      node,
      key,
      seconds,
      ...(cpuSeconds !== undefined && { cpuSeconds }),
    });
    this.#complete(node, complete(outputs));
  }

  /** What was fetched or trained so far stays in its scratch directory for when the node can run. */
  #finishNotRun(node: GraphNode, key: Key, message: string): void {
    const { byName, emit } = this.#options;
    byName.write({ ...previousOf(byName.read(node.name)), node: node.name, key, state: 'not-run', message });
    this.#progress.notRun++;
    emit({ type: 'node-not-run', node, message });
    this.#complete(node, absent);
  }

  #fail(node: GraphNode, key: Key | '', failure: Pick<Failure, 'message' | 'log' | 'cannotRun'>): void {
    const { message, log, cannotRun } = failure;
    const { byName, emit, keepGoing, rerunCommand } = this.#options;
    try {
      byName.write({ ...previousOf(byName.read(node.name)), node: node.name, key, state: 'failed', message });
    } catch {
      // A full disk: what matters is told below.
    }
    this.#progress.failed++;
    emit({ type: 'node-failed', node, key, message, log, rerun: rerunCommand(node), ...(cannotRun && { cannotRun }) });
    if (!keepGoing) {
      this.#stopped = true;
      this.#options.executor?.stop();
    }
    this.#complete(node, failed);
  }

  #complete(node: GraphNode, outcome: Outcome): void {
    this.outcomes[node.index] = outcome;
    for (const lane of this.#feeders.ended(node)) this.#ready.unpark(lane);
    if (outcome.state === 'open') return;
    this.#remade.delete(node);
    if (this.#recalled.has(node)) return this.#bytesCame(node);
    for (const dependent of node.dependents) {
      if (--this.#remaining[dependent.index]! === 0 && this.#options.selected.has(dependent))
        this.#finishedOpen.push(dependent);
    }
  }

  /** What waited for the bytes of a node is decided about again: its own bytes may differ within a tolerance. */
  #bytesCame(node: GraphNode): void {
    const waitingHere = this.#waitingFor.get(node) ?? [];
    this.#waitingFor.delete(node);
    for (const waiting of waitingHere) {
      const producers = this.#waitingForBytes.get(waiting);
      if (!producers?.delete(node) || producers.size > 0) continue;
      this.#waitingForBytes.delete(waiting);
      if (!this.#recalled.has(waiting)) this.#finishedOpen.push(waiting);
      else if (this.#failedInput(waiting)) this.#complete(waiting, failed);
      else this.#admit(waiting, this.#forBytes(waiting));
    }
  }

  #failedInput(node: GraphNode): GraphNode | undefined {
    for (const { handles } of node.inputs) {
      for (const { node: producer } of handles) {
        if (producer.kind === 'node' && this.outcomes[producer.index]!.state === 'failed')
          return this.#culprits.get(producer) ?? producer;
      }
    }
    return undefined;
  }

  #absentInput(node: GraphNode): GraphNode | undefined {
    for (const { arity, handles } of node.inputs) {
      if (arity === 'optional' || arity === 'available') continue;
      for (const { node: producer } of handles) {
        if (producer.kind === 'node' && this.outcomes[producer.index]!.state === 'absent') return producer;
      }
    }
    return undefined;
  }

  #code(node: GraphNode): StageCode {
    return this.#options.code.get(node.stage)!;
  }

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      const cancel =
        this.#waiting.size > 0 ? (this.#options.after ?? afterTimeout)(pollMilliseconds, resolve) : undefined;
      this.#wake = () => {
        cancel?.();
        resolve();
      };
    });
  }
}

/** How long a node took, and how long it takes on an idle machine where that is known. */
interface NodeTimes {
  readonly seconds: number;
  readonly cpuSeconds?: number;
}

/** What a job takes on an idle machine: the time of processors, where it does nothing but compute on them. */
function idleSeconds(outcome: JobOutcome, seconds: number, execution: Execution | undefined): number | undefined {
  const { cpu = 1, accelerator = 0 } = execution?.resources ?? {};
  if (outcome.type !== 'done' || outcome.cpuSeconds === undefined || cpu < 1 || accelerator > 0) return undefined;
  return Math.min(seconds, outcome.cpuSeconds);
}

function afterTimeout(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}

/** What becomes of a node that this process could not hand out. */
function thrown(error: unknown): JobOutcome {
  return {
    type: 'failed',
    cannotRun: true,
    message: systemLine(error),
    log: '',
    code: (error as NodeJS.ErrnoException).code,
    path: pathOf(error),
  };
}
