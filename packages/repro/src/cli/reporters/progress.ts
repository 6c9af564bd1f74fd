import type { RunEvent, StageTotals } from '../../events.ts';
import type { GraphNode } from '../../graph/graph.ts';
import { nodeCost } from '../../plan/node-cost.ts';
import { secondsPerCost, withNode } from '../../plan/pace.ts';
import type { Pace } from '../../plan/pace.ts';

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
  /** As in earlier runs, then as in this one. */
  pace: Pace | undefined;
}

/** How fast nodes were in earlier runs, by stage. */
export type EarlierPaces = ReadonlyMap<string, Pace>;

/** Seconds that a node of a stage is taken for of which nothing was ever measured. */
const guessedSeconds = 0.05;
/** What a run has done in its first seconds says nothing yet of the rest. */
const firstSeconds = 3;

/** What the events of a run add up to: counts, and how long the rest will take. Knows no terminal. */
export class Progress {
  set = '';
  backend = '';
  nodes = 0;
  readonly stages = new Map<string, StageProgress>();
  readonly running = new Map<GraphNode, RunningNode>();
  readonly waiting = new Set<GraphNode>();
  readonly #cached = new Set<GraphNode>();
  readonly #now: () => number;
  readonly #earlier: () => EarlierPaces;
  #asked = false;
  #started = 0;

  /** `now` in milliseconds. `earlier` is asked once, when the first node starts. */
  constructor(now: () => number, earlier: () => EarlierPaces) {
    this.#now = now;
    this.#earlier = earlier;
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
            pace: undefined,
          });
        }
        return;
      case 'node-started':
        this.#askEarlier();
        this.waiting.delete(event.node);
        this.#recall(event.node);
        this.running.set(event.node, { node: event.node, since: this.#now(), fraction: undefined });
        return;
      case 'node-progress': {
        const running = this.running.get(event.node);
        if (running) running.fraction = Math.min(1, Math.max(0, event.fraction));
        return;
      }
      case 'node-waiting':
        this.#recall(event.node);
        this.waiting.add(event.node);
        return;
      case 'node-finished': {
        const stage = this.#end(event.node);
        stage.executed++;
        stage.executedCost += nodeCost(event.node);
        stage.pace = withNode(stage.pace, nodeCost(event.node), event.cpuSeconds ?? event.seconds);
        return;
      }
      case 'node-cached':
      case 'node-failed':
      case 'node-not-run':
      case 'node-blocked': {
        const stage = this.#end(event.node);
        stage[event.type === 'node-cached' ? 'cached' : event.type === 'node-failed' ? 'failed' : 'notRun']++;
        stage.skippedCost += nodeCost(event.node);
        if (event.type === 'node-cached') this.#cached.add(event.node);
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

  /**
   * Of the work this run has to do (cached nodes are no work), the fraction done, and how long the rest takes: undefined
   * in the first seconds, and while no stage has a pace. `everyPaceKnown`: of the stages that are not done.
   */
  estimate(): { fraction: number; secondsLeft: number | undefined; everyPaceKnown: boolean } {
    let done = 0;
    let left = 0;
    let wall = 0;
    let longest = 0;
    let everyPaceKnown = true;
    let anyPaceKnown = false;
    for (const stage of this.stages.values()) {
      const running = this.#runningOf(stage.stage);
      const nodesDone = stage.executed + running.nodes;
      const nodesLeft = Math.max(0, stage.nodes - stage.cached - stage.failed - stage.notRun - nodesDone);
      const costDone = stage.executedCost + running.cost;
      const costLeft = Math.max(0, stage.cost - stage.skippedCost - costDone);
      const rate = this.#rate(stage, running);
      if (nodesLeft > 0) {
        if (rate === undefined) everyPaceKnown = false;
        else anyPaceKnown = true;
      }
      const stageLeft = rate === undefined ? guessedSeconds * nodesLeft : rate * costLeft;
      done += rate === undefined ? guessedSeconds * nodesDone : rate * costDone;
      left += stageLeft;
      wall += stageLeft / Math.min(stage.slots, Math.max(1, stage.nodes));
    }
    for (const { node, fraction, since } of this.running.values()) {
      const rate = this.#rate(this.stages.get(node.stage.name)!, { cost: 0, seconds: 0 }) ?? 0;
      const total = fraction ? (this.#now() - since) / 1000 / fraction : rate * nodeCost(node);
      longest = Math.max(longest, total * (1 - (fraction ?? 0)));
    }
    const tooEarly = this.elapsedSeconds < firstSeconds || !(anyPaceKnown || everyPaceKnown);
    return {
      fraction: done + left > 0 ? done / (done + left) : 1,
      secondsLeft: tooEarly ? undefined : Math.max(wall, Math.min(longest, 2 * wall)),
      everyPaceKnown,
    };
  }

  /** What running nodes have done, where they tell. */
  #runningOf(stage: string): { nodes: number; cost: number; seconds: number } {
    let [nodes, cost, seconds] = [0, 0, 0];
    for (const { node, since, fraction } of this.running.values()) {
      if (node.stage.name !== stage || !fraction) continue;
      nodes += fraction;
      cost += fraction * nodeCost(node);
      seconds += (this.#now() - since) / 1000;
    }
    return { nodes, cost, seconds };
  }

  /** Seconds for each unit of cost; before a node of the stage ended anywhere, by what running ones tell. */
  #rate({ pace }: StageProgress, running: { readonly cost: number; readonly seconds: number }): number | undefined {
    if (pace) return secondsPerCost(pace);
    return running.cost > 0 ? running.seconds / running.cost : undefined;
  }

  /** A node that was cached is to run after all, since another needs its bytes and they are not here. */
  #recall(node: GraphNode): void {
    if (!this.#cached.delete(node)) return;
    const stage = this.stages.get(node.stage.name)!;
    stage.cached--;
    stage.skippedCost -= nodeCost(node);
  }

  #askEarlier(): void {
    if (this.#asked) return;
    this.#asked = true;
    const earlier = this.#earlier();
    for (const stage of this.stages.values()) stage.pace ??= earlier.get(stage.stage);
  }

  #end(node: GraphNode): StageProgress {
    this.running.delete(node);
    this.waiting.delete(node);
    this.#recall(node);
    return this.stages.get(node.stage.name)!;
  }
}
