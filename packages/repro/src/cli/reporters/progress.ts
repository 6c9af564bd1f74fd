import type { RunEvent, StageTotals } from '../../events.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { nodeCost } from '../../plan/node-cost.ts';
import { expectedSeconds } from '../../plan/time-model.ts';
import type { TimeModel } from '../../plan/time-model.ts';

export interface RunningNode {
  readonly node: GraphNode;
  /** Milliseconds. */
  readonly since: number;
  /** 0 to 1; undefined if the stage does not tell. */
  fraction: number | undefined;
}

interface StageProgress extends StageTotals {
  executed: number;
  cached: number;
  failed: number;
  notRun: number;
  /** Cost of what ended without running: cached, failed, not run. */
  skippedCost: number;
  executedCost: number;
  executedSeconds: number;
}

/** How long nodes took in earlier runs, by stage. */
export type EarlierTimes = ReadonlyMap<string, TimeModel>;

/** Seconds that a node of a stage is taken for of which nothing was ever measured. */
const guessedSeconds = 0.05;

/** What the events of a run add up to: counts, and how long the rest will take. Knows no terminal. */
export class Progress {
  set = '';
  backend = '';
  nodes = 0;
  readonly stages = new Map<string, StageProgress>();
  readonly running = new Map<GraphNode, RunningNode>();
  readonly waiting = new Set<GraphNode>();
  readonly #now: () => number;
  readonly #measured: () => EarlierTimes;
  #earlier: EarlierTimes | undefined;
  #started = 0;

  /** `now` in milliseconds. `measured` is asked once, when the first node starts. */
  constructor(now: () => number, measured: () => EarlierTimes) {
    this.#now = now;
    this.#measured = measured;
  }

  apply(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#started = this.#now();
        this.set = event.set;
        this.backend = event.backend;
        this.nodes = event.nodes;
        for (const totals of event.stages) {
          this.stages.set(totals.stage, {
            ...totals,
            executed: 0,
            cached: 0,
            failed: 0,
            notRun: 0,
            skippedCost: 0,
            executedCost: 0,
            executedSeconds: 0,
          });
        }
        return;
      case 'node-started':
        this.#earlier ??= this.#measured();
        this.waiting.delete(event.node);
        this.running.set(event.node, { node: event.node, since: this.#now(), fraction: undefined });
        return;
      case 'node-progress': {
        const running = this.running.get(event.node);
        if (running) running.fraction = Math.min(1, Math.max(0, event.fraction));
        return;
      }
      case 'node-waiting':
        this.waiting.add(event.node);
        return;
      case 'node-finished': {
        const stage = this.#end(event.node);
        stage.executed++;
        stage.executedCost += nodeCost(event.node);
        stage.executedSeconds += event.seconds;
        return;
      }
      case 'node-cached':
      case 'node-failed':
      case 'node-not-run':
      case 'node-blocked': {
        const stage = this.#end(event.node);
        stage[event.type === 'node-cached' ? 'cached' : event.type === 'node-failed' ? 'failed' : 'notRun']++;
        stage.skippedCost += nodeCost(event.node);
        return;
      }
      default:
        return;
    }
  }

  count(what: 'executed' | 'cached' | 'failed' | 'notRun'): number {
    let sum = 0;
    for (const stage of this.stages.values()) sum += stage[what];
    return sum;
  }

  get ended(): number {
    return this.count('executed') + this.count('cached') + this.count('failed') + this.count('notRun');
  }

  get elapsedSeconds(): number {
    return (this.#now() - this.#started) / 1000;
  }

  /** Of the work this run has to do (cached nodes are no work), the fraction done, and how long the rest takes. */
  estimate(): { fraction: number; secondsLeft: number; everyRateKnown: boolean } {
    let done = 0;
    let left = 0;
    let wall = 0;
    let longest = 0;
    let everyRateKnown = true;
    for (const stage of this.stages.values()) {
      const now = this.#done(stage);
      const nodesLeft = Math.max(0, stage.nodes - stage.cached - stage.failed - stage.notRun - now.nodes);
      const costLeft = Math.max(0, stage.cost - stage.skippedCost - now.cost);
      const known = this.#pace(stage);
      if (known === undefined && nodesLeft > 0) everyRateKnown = false;
      const pace = known ?? { fixedSeconds: guessedSeconds, secondsPerCost: 0 };
      const stageLeft = expectedSeconds(pace, nodesLeft, costLeft);
      done += expectedSeconds(pace, now.nodes, now.cost);
      left += stageLeft;
      wall += stageLeft / Math.min(stage.slots, Math.max(1, stage.nodes));
    }
    for (const { node, fraction, since } of this.running.values()) {
      const pace = this.#pace(this.stages.get(node.stage.name)!);
      const total = fraction
        ? (this.#now() - since) / 1000 / fraction
        : pace === undefined
          ? 0
          : expectedSeconds(pace, 1, nodeCost(node));
      longest = Math.max(longest, total * (1 - (fraction ?? 0)));
    }
    return {
      fraction: done + left > 0 ? done / (done + left) : 1,
      secondsLeft: Math.max(wall, Math.min(longest, 2 * wall)),
      everyRateKnown,
    };
  }

  /** What this run did of a stage: nodes that ended, and of running ones the part that they tell. */
  #done({ stage, executed, executedCost, executedSeconds }: StageProgress): {
    nodes: number;
    cost: number;
    seconds: number;
  } {
    let [nodes, cost, seconds] = [executed, executedCost, executedSeconds];
    for (const { node, since, fraction } of this.running.values()) {
      if (node.stage.name !== stage || !fraction) continue;
      nodes += fraction;
      cost += fraction * nodeCost(node);
      seconds += (this.#now() - since) / 1000;
    }
    return { nodes, cost, seconds };
  }

  /** As in earlier runs, made faster or slower by what this run did so far. */
  #pace(stage: StageProgress): TimeModel | undefined {
    const earlier = this.#earlier?.get(stage.stage);
    const { nodes, cost, seconds } = this.#done(stage);
    if (!(cost > 0 && seconds > 0)) return earlier;
    const expected = earlier ? expectedSeconds(earlier, nodes, cost) : 0;
    if (!earlier || expected <= 0) return { fixedSeconds: 0, secondsPerCost: seconds / cost };
    const slower = seconds / expected;
    return { fixedSeconds: slower * earlier.fixedSeconds, secondsPerCost: slower * earlier.secondsPerCost };
  }

  #end(node: GraphNode): StageProgress {
    this.running.delete(node);
    this.waiting.delete(node);
    return this.stages.get(node.stage.name)!;
  }
}
