import { planAll, Scan } from '../plan/scan.ts';
import { selection } from '../run.ts';
import type { RunOptions } from '../run.ts';
import type { Session } from '../session.ts';

/** Prints what `run` would do, by stage: how many nodes would run for certain and how many perhaps. */
export function printDryRun(session: Session, options: Pick<RunOptions, 'patterns' | 'until' | 'force'>): void {
  const { selected, forced } = selection(session, options);
  const decisions = planAll(session.graph, new Scan(session), forced);
  const stages = new Map<string, { run: number; pending: number; fresh: number }>();
  for (const node of session.graph.nodes) {
    if (!selected.has(node)) continue;
    const row = stages.get(node.stage.name) ?? { run: 0, pending: 0, fresh: 0 };
    stages.set(node.stage.name, row);
    const { state } = decisions[node.index]!;
    row[state === 'fresh' ? 'fresh' : state === 'pending' ? 'pending' : 'run']++;
  }
  const width = Math.max(...[...stages.keys()].map((name) => name.length), 5);
  const print = (...cells: (string | number)[]): void => {
    process.stdout.write(cells.map((cell, i) => (i ? String(cell).padStart(10) : String(cell).padEnd(width))).join('') + '\n');
  };
  print('stage', 'would run', 'pending', 'fresh');
  for (const [name, { run, pending, fresh }] of stages) print(name, run, pending, fresh);
}
