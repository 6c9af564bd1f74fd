import { copyFileSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Scheduler } from '../execute/scheduler.ts';
import type { Runner } from '../execute/worker-pool.ts';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Decision } from '../plan/scan.ts';
import { outputsOf } from '../plan/outcome.ts';
import type { Outputs } from '../plan/outcome.ts';
import { withInputs } from '../select.ts';
import type { Session } from '../session-parts.ts';
import { ByName } from '../store/by-name.ts';
import { removeTree } from '../store/files.ts';
import { Leases } from '../store/lease.ts';
import { Store } from '../store/store.ts';

/** What became of a node that was computed again. */
export type Recomputed =
  | { readonly state: 'done'; readonly key: Key; readonly outputs: Outputs; readonly seconds: number }
  /** `not-run`: that says nothing about the result; it, or what it needs, cannot run here. */
  | { readonly state: 'failed' | 'not-run'; readonly message: string };

export interface RecomputeOptions {
  readonly runner: Runner;
  readonly jobs: number;
  /** Called for each node that ends. */
  readonly onNode: (node: GraphNode, result: Recomputed) => void;
  readonly signal: AbortSignal;
}

/**
 * Computes nodes again in a store of their own, which knows the results of all that they need and the bytes that this
 * store holds. What they need and is elsewhere is computed again too. Nothing is recorded in the project's store.
 *
 * Of these nodes, some may need others that cannot run here. They are computed once more, from the results that are
 * recorded of those. So `compare` is called once or twice, each time for some of the nodes, while the bytes of both are
 * there. It gets the results of all that ended: without what an interrupt stopped. It is called also where the store broke
 * down, which is thrown after that.
 */
export async function recompute(
  session: Session,
  nodes: ReadonlySet<GraphNode>,
  decisions: readonly Decision[],
  options: RecomputeOptions,
  compare: Compare,
): Promise<void> {
  const again = new Set<GraphNode>();
  await recomputeOnce(session, nodes, decisions, options, (results, store) => {
    if (!options.signal.aborted) for (const node of nodes) if (lacksInput(node, results)) again.add(node);
    compare(results, store, new Set([...nodes].filter((node) => !again.has(node))));
  });
  if (again.size > 0)
    await recomputeOnce(session, again, decisions, options, (results, store) => compare(results, store, again));
}

export type Compare = (
  results: ReadonlyMap<GraphNode, Recomputed>,
  store: Store,
  nodes: ReadonlySet<GraphNode>,
) => void;

/** What a node needs, directly or not, and had to do without, because that was computed again and came to nothing. */
export function notComputed(node: GraphNode, results: ReadonlyMap<GraphNode, Recomputed>): GraphNode | undefined {
  for (const { handles } of node.inputs)
    for (const { node: producer } of handles) {
      if (producer.kind !== 'node') continue;
      const result = results.get(producer);
      const missing = result && result.state !== 'done' ? producer : notComputed(producer, results);
      if (missing) return missing;
    }
  return undefined;
}

/** Whether a node did not run, or ran with fewer inputs, because something that it needs cannot run here. */
function lacksInput(node: GraphNode, results: ReadonlyMap<GraphNode, Recomputed>): boolean {
  const state = results.get(node)?.state;
  if (state === undefined || state === 'failed') return false;
  const missing = notComputed(node, results);
  return missing !== undefined && results.get(missing)!.state === 'not-run';
}

async function recomputeOnce(
  session: Session,
  nodes: ReadonlySet<GraphNode>,
  decisions: readonly Decision[],
  { runner, jobs, onNode, signal }: RecomputeOptions,
  compare: (results: ReadonlyMap<GraphNode, Recomputed>, store: Store) => void,
): Promise<void> {
  const name = `audit-${process.pid}-${randomBytes(4).toString('hex')}`;
  const directory = join(session.store.directory, 'tmp', name);
  const leases = new Leases(directory);
  const guard = new Leases(session.store.directory);
  try {
    const store = new Store(directory, 'create');
    // Keeps gc away.
    guard.acquire(`check-${process.pid}-${name.slice(-8)}`);
    const selected = withInputs(nodes);
    for (const node of selected) if (!nodes.has(node)) seed(session.store, store, node, decisions[node.index]!);
    const results = new Map<GraphNode, Recomputed>();
    const note = (node: GraphNode, result: Recomputed): void => {
      results.set(node, result);
      onNode(node, result);
    };
    const { known: _, ...context } = session;
    const scheduler = new Scheduler({
      ...context,
      store,
      byName: new ByName(join(directory, 'roots', '0'.repeat(16))),
      selected,
      forced: () => false,
      runner,
      leases,
      jobs,
      keepGoing: true,
      rerunCommand: ({ name }) => name,
      emit: (event) => {
        if (event.type === 'node-failed')
          note(event.node, { state: event.cannotRun ? 'not-run' : 'failed', message: event.message });
        else if (event.type === 'node-not-run') note(event.node, { state: 'not-run', message: event.message });
        else if (event.type === 'node-blocked') {
          const by = session.graph.byName.get(event.by)!;
          // It has no result where its own bytes were needed again, and something that it needs did not come.
          const cause = results.get(results.has(by) ? by : (notComputed(by, results) ?? by));
          const [state, how] =
            cause?.state === 'not-run' ? (['not-run', 'cannot run here'] as const) : (['failed', 'failed'] as const);
          note(event.node, { state, message: `${event.by} ${how}, which it needs` });
        } else if (event.type === 'node-finished') {
          const outputs = outputsOf(scheduler.outcomes[event.node.index]!) ?? store.readResult(event.key)!.outputs;
          note(event.node, { state: 'done', key: event.key, outputs, seconds: event.seconds });
        }
      },
    });
    signal.addEventListener('abort', () => scheduler.interrupt(), { once: true });
    if (signal.aborted) scheduler.interrupt();
    try {
      await scheduler.run();
    } finally {
      compare(results, store);
    }
    store.close();
  } finally {
    leases.releaseAll();
    guard.releaseAll();
    removeTree(directory);
  }
}

/** Makes a result known in another store, with the bytes that are here. */
function seed(from: Store, to: Store, node: GraphNode, decision: Decision): void {
  if (decision.state !== 'fresh') return;
  const { outputs, trace } = decision.result;
  const blobs = [...Object.values(outputs), trace];
  to.elsewhere.add(blobs.filter((blob) => from.verify(blob) !== 'intact').map(({ digest }) => digest));
  for (const blob of blobs) {
    if (from.verify(blob) !== 'intact' || to.verify(blob) === 'intact') continue;
    try {
      linkSync(from.blobPath(blob.digest), to.blobPath(blob.digest));
    } catch {
      copyFileSync(from.blobPath(blob.digest), to.blobPath(blob.digest));
    }
    to.remember(blob.digest);
  }
  const extensions = Object.fromEntries(
    Object.entries(node.stage.outputs).map(([output, { extension }]) => [output, extension]),
  );
  to.record(decision.key, extensions, decision.result);
}
