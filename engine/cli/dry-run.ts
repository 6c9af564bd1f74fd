import type { GraphNode } from '../graph/graph.ts';
import { measuredRates } from '../plan/measured-rates.ts';
import { planAll, Scan } from '../plan/scan.ts';
import { stageTotals } from '../plan/stage-totals.ts';
import { selection } from '../run.ts';
import type { RunOptions } from '../run.ts';
import type { Session } from '../session.ts';
import { print, table } from './print.ts';
import { clock, roughly } from './reporters/duration.ts';

/**
 * Prints what `run` would do, by stage: how many nodes would run for certain and how many perhaps, their work (in the
 * unit of the stage's cost), and how long that took per unit in earlier runs.
 */
export function printDryRun(session: Session, options: Pick<RunOptions, 'patterns' | 'until' | 'force' | 'jobs'>): void {
  const { selected, forced } = selection(session, options);
  const decisions = planAll(session.graph, new Scan(session), forced);
  const counts = new Map<string, { run: number; pending: number; fresh: number }>();
  const dirty: GraphNode[] = [];
  for (const node of session.graph.nodes) {
    if (!selected.has(node)) continue;
    const row = counts.get(node.stage.name) ?? { run: 0, pending: 0, fresh: 0 };
    counts.set(node.stage.name, row);
    const { state } = decisions[node.index]!;
    row[state === 'fresh' ? 'fresh' : state === 'pending' ? 'pending' : 'run']++;
    if (state !== 'fresh') dirty.push(node);
  }
  const totals = new Map(stageTotals(session, dirty, options.jobs).map((total) => [total.stage, total]));
  const rates = dirty.length ? measuredRates(session) : new Map<string, number>();

  let wallSeconds = 0;
  const unknown: string[] = [];
  const rows = [...counts].map(([stage, { run, pending, fresh }]) => {
    const total = totals.get(stage);
    if (!total) return [stage, run, pending, fresh, '', ''];
    const rate = rates.get(stage);
    if (rate === undefined) unknown.push(stage);
    else wallSeconds += (rate * total.cost) / Math.min(total.slots, total.nodes);
    return [stage, run, pending, fresh, total.cost.toPrecision(3), rate === undefined ? 'unknown' : clock(rate * total.cost)];
  });
  print(table([['stage', 'would run', 'pending', 'fresh', 'work', 'seconds of work'], ...rows]));
  if (dirty.length === 0) return print('nothing would run\n');
  const known = unknown.length < totals.size;
  print(
    known
      ? `${unknown.length ? 'more than' : 'about'} ${roughly(wallSeconds)} with --jobs ${options.jobs}${unknown.length ? ` (nothing was measured yet of ${unknown.join(', ')})` : ''}; pending nodes run only if their inputs change\n`
      : 'how long: unknown, the store holds no earlier run of these stages\n',
  );
}
