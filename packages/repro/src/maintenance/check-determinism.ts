import { statSync } from 'node:fs';
import { join } from 'node:path';
import { outputDirectory, packOutputs, outputFiles, prepareFiles } from '../execute/node-files.ts';
import { Snapshots } from '../execute/snapshots.ts';
import { ResourceBudget } from '../execute/resources.ts';
import { firstDifference, isSameOutput } from '../execute/same-bytes.ts';
import type { JobOutcome, Runner } from '../execute/worker-pool.ts';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { outcomeOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import { Scan } from '../plan/scan.ts';
import type { Decision } from '../plan/scan.ts';
import type { Session } from '../session.ts';
import { reason } from '../store/store.ts';

/** A node run again: which outputs came out other than its type promises, or why it could not be told. */
export interface DeterminismFinding {
  readonly node: string;
  readonly status: 'same' | 'different' | 'failed' | 'not-run';
  /** `weights: byte 1023 of 4096 is the first that differs`. */
  readonly details: readonly string[];
}

/**
 * Runs fresh nodes again, each on the stored inputs and alone, in a scratch directory, and compares their outputs with
 * the stored ones. Nothing is recorded.
 */
export async function checkDeterminism(
  session: Session,
  nodes: readonly GraphNode[],
  decisions: readonly Decision[],
  {
    scratch,
    runner,
    jobs,
    onFinding,
  }: { scratch: string; runner: Runner; jobs: number; onFinding: (finding: DeterminismFinding) => void },
): Promise<DeterminismFinding[]> {
  const { store, root, code, execution } = session;
  const outcome = (producer: GraphNode): Outcome => outcomeOf(decisions[producer.index]);
  const places = {
    scratchDirectory: (key: Key) => join(scratch, key),
    verify: store.verify.bind(store),
    blobPath: store.blobPath.bind(store),
    read: store.read.bind(store),
    directory: store.directory,
  };

  const sources = new Scan(session);
  const snapshots = new Snapshots(join(scratch, 'inputs'));
  const snapshot = (path: string, digest = sources.sourceDigest(path)): string =>
    snapshots.take(join(root, path), digest, path);

  const runAgain = async (node: GraphNode): Promise<DeterminismFinding> => {
    const decision = decisions[node.index]!;
    if (decision.state !== 'fresh') throw new Error(`${node.name} is not fresh`);
    let result: JobOutcome;
    try {
      const job = prepareFiles(
        {
          node,
          key: decision.key,
          pin: session.pinOf(node),
          files: code.get(node.stage)!.contents ?? {},
          programFolders: code.get(node.stage)!.programFolders,
        },
        'again',
        { store: places, snapshot, root },
        outcome,
      );
      result = await runner.run(
        {
          type: 'run',
          bundle: code.get(node.stage)!.bundlePath,
          batch: execution(node)?.batchBy !== undefined,
          nodes: [job],
        },
        () => undefined,
      );
    } catch (error) {
      result = { type: 'failed', message: reason(error), log: '' };
    }
    if (result.type === 'done') packOutputs(node, outputDirectory(places.scratchDirectory(decision.key), 'again'));
    if (result.type !== 'done') return { node: node.name, status: result.type, details: [result.message] };
    const details = Object.entries(
      outputFiles(node, outputDirectory(places.scratchDirectory(decision.key), 'again')),
    ).flatMap(([output, { path }]) => {
      const stored = store.blobPath(decision.result.outputs[output]!.digest);
      return isSameOutput(node.stage.outputs[output]!.determinism, path, stored)
        ? []
        : [`${output}: ${tellDifference(path, stored)}`];
    });
    return { node: node.name, status: details.length ? 'different' : 'same', details };
  };

  const budget = new ResourceBudget(jobs);
  const open = [...nodes];
  const findings: DeterminismFinding[] = [];
  const running = new Set<Promise<void>>();
  while (open.length > 0 || running.size > 0) {
    const next = open[0];
    const share = next && budget.take(execution(next)?.resources);
    if (!next || !share) {
      await Promise.race(running);
      continue;
    }
    open.shift();
    const job: Promise<void> = runAgain(next).then((finding) => {
      budget.give(share);
      running.delete(job);
      findings.push(finding);
      onFinding(finding);
    });
    running.add(job);
  }
  return findings;
}

function tellDifference(aPath: string, bPath: string): string {
  const [a, b] = [statSync(aPath).size, statSync(bPath).size];
  return `byte ${firstDifference(aPath, bPath)} of ${b} is the first that differs${a === b ? '' : ` (${a} bytes now)`}`;
}
