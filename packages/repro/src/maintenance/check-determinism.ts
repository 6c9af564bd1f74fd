import type { Runner } from '../execute/worker-pool.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { Decision } from '../plan/scan.ts';
import type { Session } from '../session-parts.ts';
import { AloneRuns, forEachNode } from './run-alone.ts';

/**
 * A node run again: which outputs came out other than its type promises, or why it could not be told. `not-run`: it cannot
 * run here. Nodes that an interrupt stopped have no finding.
 */
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
    signal,
    onFinding,
  }: {
    scratch: string;
    runner: Runner;
    jobs: number;
    signal: AbortSignal;
    onFinding: (finding: DeterminismFinding) => void;
  },
): Promise<DeterminismFinding[]> {
  const runs = new AloneRuns(session, decisions, scratch);
  const findings: DeterminismFinding[] = [];
  signal.addEventListener('abort', () => runner.abort(), { once: true });
  await forEachNode(session, nodes, { jobs, signal }, async (node) => {
    const result = await runs.run(node, runner);
    if (signal.aborted && result.type !== 'done') return;
    const details = result.type === 'done' ? runs.differences(node) : [result.message];
    const status = result.type !== 'done' ? result.type : details.length ? 'different' : 'same';
    const finding = { node: node.name, status, details } as const;
    findings.push(finding);
    onFinding(finding);
  });
  return findings;
}
