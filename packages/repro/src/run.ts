import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import type { EventListener, RunEvent, RunSummary } from './events.ts';
import { outputsOf } from './plan/outcome.ts';
import type { Outcome } from './plan/outcome.ts';
import { knownKeys, planAll, Scan } from './plan/scan.ts';
import { nodeCost } from './plan/node-cost.ts';
import { paceName, readPaces, withNode, writePaces } from './plan/pace.ts';
import type { Pace } from './plan/pace.ts';
import { nodesOfParts } from './plan/parts.ts';
import { stageTotals } from './plan/stage-totals.ts';
import { InputError, StorageError, isStorageFailure, oneOf } from './errors.ts';
import type { Key } from './graph/digest.ts';
import type { Graph, GraphNode } from './graph/graph.ts';
import { countAccepted } from './backends/accepted.ts';
import type { Executor } from './execute/executor.ts';
import { Scheduler } from './execute/scheduler.ts';
import { announceRun, runLeaseName } from './run-lease.ts';
import type { Runner } from './execute/worker-pool.ts';
import { lockDigest } from './publish/lock.ts';
import { outputsToPublish, publish } from './publish/publish.ts';
import { publishPart } from './publish/publish-part.ts';
import { recoverFromReport } from './publish/recover.ts';
import { collectProvenance } from './publish/provenance.ts';
import type { StageCounts } from './publish/provenance.ts';
import { matchNodes, withInputs } from './select.ts';
import type { Computation, Session } from './session-parts.ts';
import { ShardLeases } from './cluster/shard.ts';
import type { Shard } from './cluster/shard.ts';
import { Leases } from './store/lease.ts';
import { TimeBudget } from './time-budget.ts';
import { recordRun, registerRoot } from './store/root.ts';
import type { RemotePlace } from './travel/remote.ts';
import type { RemoteLimits } from './travel/remote-limits.ts';
import type { PushQueue } from './travel/push-queue.ts';
import type { Remotes } from './travel/remote-sync.ts';
import { pathOf, reason } from './system-error.mjs';
import type { Damage } from './store/store.ts';
import { plural } from './plural.ts';

export interface RunOptions {
  /** Which nodes to bring up to date, with what they need; all if empty. */
  readonly patterns: readonly string[];
  /** Stop after this stage. */
  readonly until?: string | undefined;
  /** Run the named nodes (all, if none is named) even if they are fresh. */
  readonly force: boolean;
  /** Nodes, by name or pattern, that are not built where they are not finished: the report is made without them. */
  readonly leaveOut?: readonly string[];
  /** Parts of the pipeline to bring up to date, by name. */
  readonly parts?: readonly string[];
  /** Seconds, from now on, in which the run has to end: what is worth most goes first. */
  readonly budget?: number | undefined;
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** Places that may have results; read only, unless `push`. */
  readonly remotes?: readonly RemotePlace[];
  readonly remoteLimits?: Partial<RemoteLimits>;
  readonly push?: boolean;
  /** One of several runs that share the work through the remotes, which it sends its results to. */
  readonly shard?: Shard | undefined;
}

/** Makes what builds the nodes of a run elsewhere. */
export type ExecutorFactory = (context: {
  readonly session: Session;
  /** The lease that the run holds while it lives. */
  readonly head: string;
  readonly leases: Leases;
  readonly outcomeOf: (node: GraphNode) => Outcome;
  readonly emit: EventListener;
}) => Executor;

export interface RunHandle {
  readonly finished: Promise<RunSummary>;
  /** Lets running nodes save what they have, starts no more, and resolves `finished`. */
  readonly interrupt: () => void;
}

/** The nodes a run is about: those named, closed under inputs, and which of them it forces. */
export function selection(
  session: Session,
  { patterns, until, force, parts = [] }: Pick<RunOptions, 'patterns' | 'until' | 'force' | 'parts'>,
): { named: Set<GraphNode>; selected: Set<GraphNode>; forced: (node: GraphNode) => boolean } {
  const { graph } = session;
  const matched = patterns.length
    ? matchNodes(graph, patterns, () => knownKeys(planAll(graph, new Scan(session))))
    : [];
  const ofParts = nodesOfParts(session.publication.parts ?? [], parts);
  let named = patterns.length + parts.length > 0 ? [...new Set([...matched, ...ofParts])] : graph.nodes;
  if (until !== undefined) {
    const stages = new Set(graph.nodes.map(({ stage }) => stage.name));
    if (!stages.has(until)) throw new InputError(`--until ${until}: no such stage: ${oneOf(stages)}`);
    const needed = withInputs(named);
    named = [...needed].filter(({ stage }) => stage.name === until);
    if (named.length === 0)
      throw new InputError(`--until ${until}: nothing that was named needs it: ${oneOf(stagesOf(needed))}`);
  }
  const forced = new Set(force ? named : []);
  return { named: new Set(named), selected: withInputs(named), forced: (node) => forced.has(node) };
}

function stagesOf(nodes: Iterable<GraphNode>): Set<string> {
  return new Set([...nodes].map(({ stage }) => stage.name));
}

/** The nodes that a run leaves out where they are not finished. Throws an InputError for a pattern that names none. */
export function leftOutNodes(
  { graph }: Pick<Session, 'graph'>,
  { leaveOut = [] }: Pick<RunOptions, 'leaveOut'>,
): ReadonlySet<GraphNode> {
  return new Set(leaveOut.length > 0 ? matchNodes(graph, leaveOut) : []);
}

/** Brings nodes up to date, publishes what is complete, and tells what happens through `emit`. */
export function startRun(
  session: Session,
  options: RunOptions,
  runner: Runner,
  emit: EventListener,
  rerunCommand: (node: GraphNode) => string,
  executorFactory?: ExecutorFactory,
): RunHandle {
  const { store, byName } = session;
  const { named, selected, forced } = selection(session, options);
  const leaveOut = leftOutNodes(session, options);
  let leftOut = 0;
  const stages: StageCounts = new Map();
  const paces = new PaceRecorder(session);
  const counted: EventListener = (event) => {
    count(stages, event);
    paces.apply(event);
    if (event.type === 'node-finished') sending?.add([event.key], true);
    if (event.type === 'node-not-run' && event.leftOut) leftOut++;
    // A node of another shard is no news.
    if (!shard || event.type !== 'node-waiting') emit(event);
  };
  const { shard } = options;
  const shardLeases = shard && new ShardLeases(session, { ...shard, jobs: options.jobs }, (node) => outcomeOf(node));
  const leases = shardLeases ?? new Leases(store.directory);
  const recover = recoverFromReport(session);
  const head = runLeaseName();
  let sending: PushQueue | undefined;
  const outcomeOf = ({ index }: GraphNode): Outcome => scheduler.outcomes[index]!;
  const executor = executorFactory?.({ session, head, leases, outcomeOf, emit });
  const budget = options.budget === undefined ? undefined : new TimeBudget(session, options.budget);
  const scheduler: Scheduler = new Scheduler({
    ...session,
    ...(budget && { budget }),
    selected,
    forced,
    leftOut: leaveOut.size > 0 ? (node) => leaveOut.has(node) : undefined,
    runner,
    executor,
    leases,
    jobs: options.jobs,
    keepGoing: options.keepGoing,
    rerunCommand,
    emit: counted,
    published: outputsToPublish(session, selected),
    // What another shard built comes before it is needed.
    recover: (blob) => recover(blob) || (shard !== undefined && store.elsewhere.has(blob.digest)),
  });

  let interrupted = false;
  /** Nothing is built any more: results are sent and published. */
  let isBuilt = false;
  let remotes: Remotes | undefined;
  const finished = (async (): Promise<RunSummary> => {
    const started = performance.now();
    emit({
      type: 'run-started',
      set: session.parameters.name,
      nodes: selected.size,
      backend: backendsOf(session, selected),
      store: store.directory,
      jobs: options.jobs,
      ...(executor && { executor: executor.name }),
      stages: stageTotals(session, selected, options.jobs),
    });
    notePassedOver(session, selected, emit);
    try {
      if (!store.readOnly) {
        await announceRun(leases, emit, () => interrupted, head);
        registerRoot(byName.directory, session.rootFacts);
      }
      budget?.start(() => {
        emit({ type: 'note', message: 'the time is over: running nodes save what they have' });
        remotes?.stop('asking');
        scheduler.timeIsUp();
      });
      remotes = await openRemotes(options, emit);
      if (remotes) shardLeases?.connect(remotes);
      if (remotes && !store.readOnly && !shard) {
        const { results, blobs, bytes } = await remotes.pull(session, selected);
        emit({ type: 'note', message: `remote: ${results} results, ${blobs} blobs, ${bytes} bytes came` });
      }
      if (remotes && options.push && !shard)
        sending = new (await import('./travel/push-queue.ts')).PushQueue(remotes, session);
      await budget?.estimate(selected, forced);
      let summary = await scheduler.run();
      isBuilt = true;
      if (leftOut > 0)
        emit({
          type: 'note',
          message: `left out: ${plural(leftOut, 'node')} (unfinished nodes that --leave-out names, and nodes that need them)`,
        });
      if (summary.withoutTime) emit({ type: 'note', message: budget!.remainder(selected, outcomeOf) });
      await store.settle();
      await shardLeases?.finish();
      const publishes = !shard || shard.index === shard.count;
      if (remotes && shard && publishes && summary.failed === 0 && !interrupted) await remotes.pull(session, selected);
      // Of a shard, not all that is to be published may be here.
      if (shard && interrupted) summary = { ...summary, interrupted };
      if (sending) {
        if (!summary.interrupted) sending.add(scheduler.keys.filter((each) => each !== undefined));
        const { results, blobs, bytes } = await sending.finish(
          summary.interrupted || (budget !== undefined && budget.left() <= 0),
        );
        emit({ type: 'note', message: `remote: ${results} results, ${blobs} blobs, ${bytes} bytes sent` });
      }
      byName.save();
      if (!store.readOnly) session.checked?.save();
      paces.save();
      const outcome = (node: GraphNode): Outcome => scheduler.outcomes[node.index]!;
      const key = (node: GraphNode): Key | undefined => scheduler.keys[node.index];
      const accepted = countAccepted(session, selected, scheduler.keys);
      for (const [stage, classes] of Object.entries(accepted)) {
        for (const [numericClass, count] of Object.entries(classes)) {
          emit({
            type: 'note',
            message: `accepted: ${plural(count, 'result')} of ${stage} of another backend (${numericClass})`,
          });
        }
      }
      if (!publishes && summary.failed === 0 && !summary.interrupted)
        emit({ type: 'note', message: `shard ${shard.index} of ${shard.count}: shard ${shard.count} publishes` });
      if (publishes && summary.failed === 0 && !summary.interrupted) {
        byName.writeParameters(session.parameters.values);
        const result = await publish(session, {
          outcome,
          key,
          provenance: (code) => collectProvenance(session, scheduler.keys, summary, stages, accepted, code),
        });
        if (result) {
          emit({ type: 'published', directory: result.directory, files: result.files });
          if (result.because !== undefined)
            emit({ type: 'note', message: `published to ${result.directory}: ${result.because}` });
        } else if (selected.size < session.graph.nodes.length) {
          const paths = publishPart(session, named, outcome);
          if (paths.length > 0)
            emit({ type: 'published', directory: session.reportDirectory, files: paths.length, paths });
        }
        if (!store.readOnly)
          recordRun(byName.directory, {
            complete: selected.size === session.graph.nodes.length,
            lock: lockDigest(session.reportDirectory),
            keys: scheduler.keys.filter((each) => each !== undefined),
          });
      }
      for (const damage of store.damaged)
        emit({ type: 'warning', message: damageMessage(session.graph, scheduler.outcomes, damage) });
      emit({ type: 'run-finished', ...summary });
      return summary;
    } catch (error) {
      await sending?.finish(true).catch(() => undefined);
      const { counts } = scheduler;
      emit({
        type: 'run-finished',
        ...counts,
        failed: counts.failed + 1,
        interrupted: false,
        seconds: (performance.now() - started) / 1000,
      });
      if (!isStorageFailure(error)) throw error;
      const path = pathOf(error);
      const inside = (folder: string): boolean => path === undefined || `${path}${sep}`.startsWith(`${folder}${sep}`);
      const place = inside(store.directory)
        ? `store ${store.directory}`
        : inside(session.reportDirectory)
          ? `reports ${session.reportDirectory}`
          : path;
      throw new StorageError(
        `${place}: ${reason(error)}: the run ended early and what it finished is kept: fix that and run again`,
      );
    } finally {
      budget?.end();
      remotes?.stop('all');
      await executor?.close();
      leases.releaseAll();
      await runner.close();
      store.close();
    }
  })();
  const interrupt = (): void => {
    interrupted = true;
    remotes?.stop(isBuilt && !shard ? 'all' : 'asking');
    shardLeases?.interrupt();
    scheduler.interrupt();
  };
  return { finished, interrupt };
}

/** How fast the stages of this graph were in earlier runs on the backends chosen now. */
export function earlierPaces({ store, graph, numericClass }: Session): Map<string, Pace> {
  const stored = readPaces(store.directory);
  const paces = new Map<string, Pace>();
  for (const node of graph.nodes) {
    const pace = paces.has(node.stage.name) ? undefined : stored.get(paceName(node.stage.name, numericClass(node)));
    if (pace) paces.set(node.stage.name, pace);
  }
  return paces;
}

/** Adds what this run measures to what earlier ones did. */
class PaceRecorder {
  readonly #session: Pick<Session, 'store' | 'numericClass'>;
  readonly #measured: { readonly name: string; readonly cost: number; readonly seconds: number }[] = [];

  constructor(session: Pick<Session, 'store' | 'numericClass'>) {
    this.#session = session;
  }

  apply(event: RunEvent): void {
    if (event.type !== 'node-finished') return;
    const name = paceName(event.node.stage.name, this.#session.numericClass(event.node));
    this.#measured.push({ name, cost: nodeCost(event.node), seconds: event.cpuSeconds ?? event.seconds });
  }

  save(): void {
    const { store } = this.#session;
    if (this.#measured.length === 0 || store.readOnly) return;
    const paces = readPaces(store.directory);
    for (const { name, cost, seconds } of this.#measured) {
      const pace = withNode(paces.get(name), cost, seconds);
      if (pace) paces.set(name, pace);
    }
    writePaces(store.directory, paces);
  }
}

/** Loaded only where a run names some. */
async function openRemotes(
  { remotes = [], remoteLimits, push, shard }: RunOptions,
  emit: EventListener,
): Promise<Remotes | undefined> {
  if (remotes.length === 0) return undefined;
  // One that is sent to is made.
  for (const { place } of push || shard ? [] : remotes)
    if (!/^https?:\/\//.test(place) && !existsSync(place))
      emit({ type: 'warning', message: `remote ${place}: there is no such folder: nothing comes from it` });
  const { Remotes } = await import('./travel/remote-sync.ts');
  return new Remotes(remotes, (message) => emit({ type: 'warning', message }), remoteLimits);
}

/** The backends that the run uses: `wasm`, `webgpu (the device), cpu`, or `none` if no stage declares any. */
function backendsOf({ backends }: Computation, nodes: Iterable<GraphNode>): string {
  const used = new Set<string>();
  for (const stage of new Set([...nodes].map((node) => node.stage.name))) {
    const choice = backends.get(stage);
    if (choice) used.add(choice.device === undefined ? choice.name : `${choice.name} (${choice.device})`);
  }
  return [...used].join(', ') || 'none';
}

/** Told before a run: what `auto` would rather have computed on. */
function notePassedOver({ backends }: Computation, nodes: Iterable<GraphNode>, emit: EventListener): void {
  for (const stage of new Set([...nodes].map((node) => node.stage.name))) {
    const choice = backends.get(stage);
    if (!choice?.passedOver.length) continue;
    emit({
      type: 'note',
      message: `${stage} on ${choice.name}: ${choice.passedOver.map(({ name, because }) => `not ${name} (${because})`).join(', ')}`,
    });
  }
}

/** Names whose bytes they were: what was built again came out the same, if it is deterministic. */
function damageMessage(graph: Graph, outcomes: Scheduler['outcomes'], { digest, found }: Damage): string {
  for (const node of graph.nodes) {
    for (const [output, blob] of Object.entries(outputsOf(outcomes[node.index]!) ?? {})) {
      if (blob.digest === digest)
        return `${node.name}.${output} was damaged in the store (cas/${digest} hashed to ${found.slice(0, 12)}): built again`;
    }
  }
  return `cas/${digest} was damaged (its bytes hash to ${found.slice(0, 12)}): removed`;
}

function count(stages: StageCounts, event: RunEvent): void {
  if (event.type !== 'node-cached' && event.type !== 'node-finished') return;
  const name = event.node.stage.name;
  const counts = stages.get(name) ?? { executed: 0, cached: 0, seconds: 0 };
  stages.set(name, counts);
  if (event.type === 'node-cached') counts.cached++;
  else {
    counts.executed++;
    counts.seconds += event.seconds;
  }
}
