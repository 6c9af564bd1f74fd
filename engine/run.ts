import type { EventListener, RunEvent, RunSummary } from './events.ts';
import { stageTotals } from './plan/stage-totals.ts';
import { InputError } from './errors.ts';
import type { GraphNode } from './graph/graph.ts';
import { Scheduler } from './execute/scheduler.ts';
import type { Runner } from './execute/worker-pool.ts';
import { publish } from './publish/publish.ts';
import { collectProvenance } from './publish/provenance.ts';
import type { StageCounts } from './publish/provenance.ts';
import { matchNodes, withInputs } from './select.ts';
import type { Session } from './session.ts';
import { Leases } from './store/lease.ts';
import { recordRun } from './store/run-history.ts';

export interface RunOptions {
  /** Which nodes to bring up to date, with what they need; all if empty. */
  readonly patterns: readonly string[];
  /** Stop after this stage. */
  readonly until?: string | undefined;
  /** Run the named nodes (all, if none is named) even if they are fresh. */
  readonly force: boolean;
  readonly jobs: number;
  readonly keepGoing: boolean;
}

export interface RunHandle {
  readonly finished: Promise<RunSummary>;
  /** Lets running nodes save what they have, starts no more, and resolves `finished`. */
  readonly interrupt: () => void;
}

/** The nodes a run is about, closed under inputs, and which of them it forces. */
export function selection(session: Session, { patterns, until, force }: Pick<RunOptions, 'patterns' | 'until' | 'force'>): { selected: Set<GraphNode>; forced: (node: GraphNode) => boolean } {
  const { graph } = session;
  let named = patterns.length ? matchNodes(graph, patterns) : graph.nodes;
  if (until !== undefined) {
    const stages = new Set(graph.nodes.map(({ stage }) => stage.name));
    if (!stages.has(until)) throw new InputError(`--until ${until}: no such stage: expected one of ${[...stages].join(', ')}`);
    const needed = withInputs(named);
    named = [...needed].filter(({ stage }) => stage.name === until);
  }
  const forced = new Set(force ? named : []);
  return { selected: withInputs(named), forced: (node) => forced.has(node) };
}

/** Brings nodes up to date, publishes what is complete, and tells what happens through `emit`. */
export function startRun(session: Session, options: RunOptions, runner: Runner, emit: EventListener, rerunCommand: (node: GraphNode) => string): RunHandle {
  const { store, byName } = session;
  const { selected, forced } = selection(session, options);
  const stages: StageCounts = new Map();
  const counted: EventListener = (event) => {
    count(stages, event);
    emit(event);
  };
  const leases = new Leases(store.directory);
  const scheduler = new Scheduler({ ...session, selected, forced, runner, leases, jobs: options.jobs, keepGoing: options.keepGoing, rerunCommand, emit: counted });

  const finished = (async (): Promise<RunSummary> => {
    emit({ type: 'run-started', set: session.parameters.name, nodes: selected.size, backend: session.backend, store: store.directory, jobs: options.jobs, stages: stageTotals(session, selected, options.jobs) });
    let reported = 0;
    try {
      const summary = await scheduler.run();
      byName.save();
      const outcome = (node: GraphNode): ReturnType<typeof outcomeOf> => outcomeOf(scheduler, node);
      const key = (node: GraphNode): string | undefined => scheduler.keys[node.index];
      if (summary.failed === 0 && !summary.interrupted) {
        const result = await publish(session, outcome, key, () => collectProvenance(session, summary, stages));
        if (result) emit({ type: 'published', ...result });
        if (summary.executed > 0) recordRun(store.directory, session.parameters.name, scheduler.keys);
      }
      for (; reported < store.damaged.length; reported++) {
        const { digest, found } = store.damaged[reported]!;
        emit({ type: 'warning', message: `cas/${digest} was damaged (its bytes hash to ${found.slice(0, 12)}): removed, and what made it ran again` });
      }
      emit({ type: 'run-finished', ...summary });
      return summary;
    } finally {
      leases.releaseAll();
      await runner.close();
      store.close();
    }
  })();
  return { finished, interrupt: () => scheduler.interrupt() };
}

function outcomeOf(scheduler: Scheduler, node: GraphNode): Exclude<Scheduler['outcomes'][number], 'failed'> {
  const outcome = scheduler.outcomes[node.index];
  return outcome === 'failed' ? undefined : outcome;
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
