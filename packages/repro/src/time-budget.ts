import type { Budget } from './execute/scheduler.ts';
import type { GraphNode } from './graph/graph.ts';
import { after } from './long-timer.ts';
import { secondsOfNode, stageRates } from './plan/estimate.ts';
import type { StageRate } from './plan/estimate.ts';
import type { Outcome } from './plan/outcome.ts';
import { madeBy, partRanks } from './plan/parts.ts';
import { withRecalled } from './plan/recalled.ts';
import { planAll, Scan } from './plan/scan.ts';
import { outputsToPublish } from './publish/publish.ts';
import { isAtHand } from './publish/recover.ts';
import type { Session } from './session-parts.ts';
import { plural } from './plural.ts';

/** Seconds before its end in which a run with a budget lets nodes save what they have. */
const savingSeconds = 5;

/** The time of a run that may not do all: in which order nodes go, and which still fit. */
export class TimeBudget implements Budget {
  readonly rank: (node: GraphNode) => number;
  readonly #session: Session;
  readonly #end: number;
  #rates: ReadonlyMap<string, StageRate> = new Map();
  #cancel: (() => void) | undefined;

  /** `seconds`: from now on. */
  constructor(session: Session, seconds: number) {
    this.#session = session;
    this.rank = partRanks(session.publication.parts ?? []);
    this.#end = performance.now() / 1000 + seconds - Math.max(0, Math.min(savingSeconds, seconds / 20));
  }

  left(): number {
    return this.#end - performance.now() / 1000;
  }

  secondsOf(node: GraphNode): number {
    return secondsOfNode(this.#rates)(node);
  }

  /** Calls back when the time is over. */
  start(over: () => void): void {
    this.#cancel = after(Math.max(0, this.left()) * 1000, over);
  }

  /** Looks how long nodes take. */
  async estimate(selected: ReadonlySet<GraphNode>, forced: (node: GraphNode) => boolean): Promise<void> {
    const { graph } = this.#session;
    const decisions = withRecalled(
      selected,
      planAll(graph, new Scan(this.#session), forced),
      outputsToPublish(this.#session, selected),
      isAtHand(this.#session),
    );
    const open = [...selected].filter(({ index }) => decisions[index]!.state !== 'fresh');
    this.#rates = await stageRates(this.#session, open);
  }

  end(): void {
    this.#cancel?.();
  }

  /** What there was no time for: by stage, and the parts that are not complete. */
  remainder(selected: ReadonlySet<GraphNode>, outcomeOf: (node: GraphNode) => Outcome): string {
    const open = new Set([...selected].filter((node) => outcomeOf(node).state === 'open'));
    const stages = new Map<string, number>();
    for (const { stage } of open) stages.set(stage.name, (stages.get(stage.name) ?? 0) + 1);
    const byStage = [...stages].map(([stage, nodes]) => `${nodes} of ${stage}`).join(', ');
    const parts = (this.#session.publication.parts ?? []).flatMap((part) => {
      const made = new Set(madeBy(part));
      const missing = [...made].filter((node) => open.has(node)).length;
      return missing > 0 ? [`${part.name} (${missing} of ${made.size} missing)`] : [];
    });
    return (
      `no time for ${plural(open.size, 'node')}: ${byStage}` +
      `${parts.length > 0 ? `; parts that are not complete: ${parts.join(', ')}` : ''}; run again to go on`
    );
  }
}
