import { join } from 'node:path';
import { explained } from '../execute/explain-failure.ts';
import { outputDirectory, outputFiles, packOutputs, prepareFiles } from '../execute/node-files.ts';
import type { JobMessage } from '../execute/protocol.ts';
import { ResourceBudget } from '../execute/resources.ts';
import { firstDifference, isSameOutput } from '../execute/same-bytes.ts';
import { Snapshots } from '../execute/snapshots.ts';
import { ofNode } from '../execute/worker-pool.ts';
import type { JobOutcome, Runner } from '../execute/worker-pool.ts';
import { statSync } from 'node:fs';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { handedVariables } from '../graph/variables.ts';
import { outcomeOf, outputsOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { Scan } from '../plan/scan.ts';
import { handleName } from '../plan/trace.ts';
import { fileDigest } from '../store/files.ts';
import type { Decision } from '../plan/scan.ts';
import type { Session } from '../session-parts.ts';
import { systemLine } from '../system-error.mjs';

/** What a job is handed for one node. */
type NodeFiles = JobMessage['nodes'][number];

/**
 * Runs fresh nodes again, each on the stored inputs and alone, in a scratch directory. Nothing is recorded. A node that
 * cannot run here is `not-run`, whatever of it is missing.
 */
export class AloneRuns {
  readonly #session: Session;
  readonly #decisions: readonly Decision[];
  readonly #scratch: string;
  readonly #snapshot: (path: string, digest?: Parameters<Snapshots['take']>[1]) => string;

  constructor(session: Session, decisions: readonly Decision[], scratch: string) {
    this.#session = session;
    this.#decisions = decisions;
    this.#scratch = scratch;
    const sources = new Scan(session);
    const snapshots = new Snapshots(join(scratch, 'inputs'));
    this.#snapshot = (path, digest = sources.sourceDigest(path)) =>
      snapshots.take(join(session.root, path), digest, path);
  }

  /** `change`: of what the job is handed. */
  async run(
    node: GraphNode,
    runner: Runner,
    change: (files: NodeFiles) => NodeFiles = (files) => files,
  ): Promise<JobOutcome> {
    const { store, root, code, execution, pinOf } = this.#session;
    const decision = this.#fresh(node);
    const outcome = (producer: GraphNode): Outcome => outcomeOf(this.#decisions[producer.index]);
    const absent = this.#absentBytes(node, outcome);
    if (absent !== undefined) return { type: 'not-run', message: absent };
    const places = {
      scratchDirectory: (key: Key) => join(this.#scratch, key),
      verify: store.verify.bind(store),
      blobPath: store.blobPath.bind(store),
      read: store.read.bind(store),
      directory: store.directory,
    };
    try {
      const { contents = {}, programFolders, bundlePath } = code.get(node.stage)!;
      const files = prepareFiles(
        { node, key: decision.key, pin: pinOf(node), files: contents, programFolders },
        'again',
        { store: places, snapshot: this.#snapshot, root },
        outcome,
      );
      const job = {
        type: 'run',
        bundle: bundlePath,
        batch: execution(node)?.batchBy !== undefined,
        variables: handedVariables(node.stage),
        nodes: [change(files)],
      } as const;
      const project = { root, files: Object.keys(code.get(node.stage)!.files) };
      const result = explained(ofNode(await runner.run(job, () => undefined), 0), node.stage.command, project);
      if (result.type === 'done') packOutputs(node, this.#outputs(node));
      if (result.type === 'failed' && result.cannotRun) return { type: 'not-run', message: result.message };
      return result;
    } catch (error) {
      return { type: 'failed', message: systemLine(error), log: '' };
    }
  }

  /** What a node needs, or is compared with, and came without bytes; undefined if all is here. */
  #absentBytes(node: GraphNode, outcome: (producer: GraphNode) => Outcome): string | undefined {
    const { store } = this.#session;
    for (const { handles } of node.inputs)
      for (const handle of handles) {
        const outputs = handle.node.kind === 'node' ? outputsOf(outcome(handle.node)) : undefined;
        if (outputs && store.verify(outputs[handle.output]!) === 'absent')
          return `the bytes of ${handleName(handle)}, which it reads, are not here: audit computes them too`;
      }
    const { result } = this.#fresh(node);
    // Of what has to be the same bytes, the digest is enough.
    for (const [output, { determinism }] of Object.entries(node.stage.outputs))
      if (determinism.level !== 'bytes' && store.verify(result.outputs[output]!) === 'absent')
        return `the recorded bytes of ${output}, which have a tolerance, are not here to compare with`;
    return undefined;
  }

  /** Outputs that came out other than their type promises: `weights: byte 1023 of 4096 is the first that differs`. */
  differences(node: GraphNode): string[] {
    const { store } = this.#session;
    const { result } = this.#fresh(node);
    return Object.entries(outputFiles(node, this.#outputs(node))).flatMap(([output, { path }]) => {
      const { digest } = result.outputs[output]!;
      const stored = store.blobPath(digest);
      if (store.verify(result.outputs[output]!) !== 'intact') {
        const found = fileDigest(path);
        return found === digest
          ? []
          : [`${output}: its digest is ${found.slice(0, 12)}: expected ${digest.slice(0, 12)}`];
      }
      return isSameOutput(node.stage.outputs[output]!.determinism, path, stored)
        ? []
        : [`${output}: ${tellDifference(path, stored)}`];
    });
  }

  #outputs(node: GraphNode): string {
    return outputDirectory(join(this.#scratch, this.#fresh(node).key), 'again');
  }

  #fresh(node: GraphNode): Extract<Decision, { state: 'fresh' }> {
    const decision = this.#decisions[node.index]!;
    if (decision.state !== 'fresh') throw new Error(`${node.name} is not fresh`);
    return decision;
  }
}

/** Calls `action` for each node, as many at once as their resources allow; for no more of them after an interrupt. */
export async function forEachNode(
  { execution }: Pick<Session, 'execution'>,
  nodes: readonly GraphNode[],
  { jobs, signal }: { readonly jobs: number; readonly signal: AbortSignal },
  action: (node: GraphNode) => Promise<void>,
): Promise<void> {
  const budget = new ResourceBudget(jobs);
  const open = [...nodes];
  const running = new Set<Promise<void>>();
  while ((open.length > 0 && !signal.aborted) || running.size > 0) {
    const next = signal.aborted ? undefined : open[0];
    const share = next && budget.take(execution(next)?.resources);
    if (!next || !share) {
      await Promise.race(running);
      continue;
    }
    open.shift();
    const job: Promise<void> = action(next).then(() => {
      budget.give(share);
      running.delete(job);
    });
    running.add(job);
  }
}

function tellDifference(aPath: string, bPath: string): string {
  const [a, b] = [statSync(aPath).size, statSync(bPath).size];
  return `byte ${firstDifference(aPath, bPath)} of ${b} is the first that differs${a === b ? '' : ` (${a} bytes now)`}`;
}
