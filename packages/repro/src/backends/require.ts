import { InputError } from '../errors.ts';
import type { GraphNode } from '../graph/graph.ts';
import { planAll, Scan } from '../plan/scan.ts';
import type { Session } from '../session-parts.ts';
import { askProbe } from './probe.ts';

/**
 * Throws an InputError if a backend was asked for by name that cannot compute here, and something has to run on it:
 * told once, in a line, before anything runs.
 */
export async function requireBackends(
  session: Session,
  { selected, forced }: { selected: ReadonlySet<GraphNode>; forced: (node: GraphNode) => boolean },
): Promise<void> {
  const { backend, backends, graph } = session;
  const probed = [...new Set([...selected].map((node) => node.stage))].filter(
    (stage) => backends.get(stage.name)?.name === backend && stage.backends![backend]!.probe,
  );
  if (probed.length === 0) return;
  const decisions = planAll(graph, new Scan(session), forced);
  for (const stage of probed) {
    if (![...selected].some((node) => node.stage === stage && decisions[node.index]!.state !== 'fresh')) continue;
    const { state, message, advice } = await askProbe(stage.backends![backend]!.probe!);
    if (state === 'absent')
      throw new InputError(
        `--backend ${backend}: ${stage.name} cannot run on it here: ${message}${advice === undefined ? '' : `: ${advice}`}`,
      );
  }
}
