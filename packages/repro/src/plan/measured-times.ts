import type { Key } from '../graph/digest.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { TimedCost } from '../graph/stage.ts';
import type { Store } from '../store/store.ts';
import { costOf } from './node-cost.ts';
import { fitTimeModel } from './time-model.ts';
import type { TimeModel } from './time-model.ts';
import { readTrace } from './trace.ts';
import type { Trace } from './trace.ts';

/** Enough to know a rate by; a store may hold a hundred thousand results. */
const sampledResults = 2000;

/** How long the nodes of a stage took before, and what that is known by. */
export interface MeasuredTime extends TimeModel {
  readonly results: number;
  readonly largestCost: number;
}

/**
 * Times of each stage by its costs, fitted to the traces of what the store holds, whatever parameter set it was made
 * for. Stages of which it holds nothing made on the same backend are left out.
 */
export function measuredTimes({
  graph,
  store,
  numericClass,
}: {
  readonly graph: Graph;
  readonly store: Store;
  readonly numericClass: (node: GraphNode) => string | undefined;
}): Map<string, MeasuredTime> {
  const stages = new Map<string, GraphNode>();
  for (const node of graph.nodes) if (!stages.has(node.stage.name)) stages.set(node.stage.name, node);

  const keys = store.keys();
  const stride = Math.max(1, keys.length / sampledResults);
  const traces: Trace[] = [];
  const paramsByOutput = new Map<string, Trace['params']>();
  for (let i = 0; i < keys.length; i += stride) {
    const result = store.readResult(keys[Math.floor(i)]!);
    const trace = result && readTrace(store, result.trace);
    if (!trace) continue;
    for (const { digest } of Object.values(result.outputs))
      paramsByOutput.set(producerOf(trace.stage, digest), trace.params);
    const representative = stages.get(trace.stage);
    if (representative && trace.backend === numericClass(representative)) traces.push(trace);
  }
  findProducers(
    store,
    keys,
    traces.filter(({ stage }) => dependsOnInputs(stages.get(stage)!)),
    paramsByOutput,
  );

  const samples = new Map<string, TimedCost[]>();
  for (const trace of traces) {
    const cost = tracedCost(stages.get(trace.stage)!, trace, paramsByOutput);
    if (!(cost > 0)) continue;
    if (!samples.has(trace.stage)) samples.set(trace.stage, []);
    samples.get(trace.stage)!.push({ cost, seconds: trace.seconds });
  }
  const times = new Map<string, MeasuredTime>();
  for (const [stage, timed] of samples) {
    const model = fitTimeModel(timed);
    if (model)
      times.set(stage, {
        ...model,
        results: timed.length,
        largestCost: timed.reduce((most, { cost }) => Math.max(most, cost), 0),
      });
  }
  return times;
}

/** Adds the parameters of what made the inputs of the traces, where sampling passed it by. */
function findProducers(
  store: Store,
  keys: readonly Key[],
  traces: readonly Trace[],
  paramsByOutput: Map<string, Trace['params']>,
): void {
  const wanted = new Set<string>();
  for (const { inputs } of traces) {
    for (const { from, digest } of Object.values(inputs).flat()) {
      const producer = digest !== null && producerOf(stageOf(from), digest);
      if (producer && !paramsByOutput.has(producer)) wanted.add(producer);
    }
  }
  const digests = new Set([...wanted].map((producer) => producer.slice(producer.lastIndexOf(' ') + 1)));
  for (const key of wanted.size > 0 ? keys : []) {
    const result = store.readResult(key);
    const found = result ? Object.values(result.outputs).filter(({ digest }) => digests.has(digest)) : [];
    const trace = found.length > 0 ? readTrace(store, result!.trace) : undefined;
    if (!trace) continue;
    for (const { digest } of found) {
      const producer = producerOf(trace.stage, digest);
      if (wanted.delete(producer)) paramsByOutput.set(producer, trace.params);
    }
    if (wanted.size === 0) return;
  }
}

/** Nodes of different stages may well have outputs of the same bytes. */
function producerOf(stage: string, digest: string): string {
  return `${stage} ${digest}`;
}

/** `train` of `train[m=10].weights`. */
function stageOf(from: string): string {
  return /^[^[.]*/.exec(from)![0];
}

function dependsOnInputs({ stage }: GraphNode): boolean {
  return (stage.cost ?? stage.work ?? (() => 1)).length > 1;
}

/** NaN where the present cost does not understand the parameters, which may be of an older declaration. */
function tracedCost(
  { stage }: GraphNode,
  { params, inputs }: Trace,
  paramsByOutput: ReadonlyMap<string, Trace['params']>,
): number {
  const feeding = Object.entries(inputs).map(([name, parts]) => {
    return [
      name,
      parts.flatMap(({ from, digest }) =>
        digest === null ? [] : [paramsByOutput.get(producerOf(stageOf(from), digest)) ?? {}],
      ),
    ] as const;
  });
  try {
    return costOf({ stage, params, feeding: Object.fromEntries(feeding) });
  } catch {
    return NaN;
  }
}
