import { InputError, messageOf } from '../errors.ts';
import type { TimedCost } from '../graph/declaration.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { Downloads, Execution, StageDeclaration } from '../graph/stage.ts';
import { isObject } from '../is-object.ts';
import type { Store } from '../store/store.ts';
import { nodeCost, nodeDownloads, nodeMemory, nodeWork } from './node-cost.ts';
import type { Decision } from './scan.ts';
import { stageTotals } from './stage-totals.ts';
import { paceName, readPaces, secondsPerCost } from './pace.ts';

export interface StageEstimate {
  readonly stage: string;
  readonly run: number;
  /** What runs or not is known only once their inputs are built. */
  readonly pending: number;
  readonly fresh: number;
  /** Floating-point operations of what may run, in all and of the largest node; undefined where the stage does not say. */
  readonly work: number | undefined;
  readonly largestWork: number | undefined;
  /** Bytes of the node that needs most; undefined where the stage does not say. */
  readonly memory: number | undefined;
  /** Of all that may run, at most; undefined where the stage does not say. */
  readonly downloads?: Downloads | undefined;
  /** Seconds of work, whoever does it; undefined if nothing is known to tell them by. */
  readonly seconds: number | undefined;
  readonly basis: Basis;
}

/** What the time of a stage is known by. */
export type Basis =
  /** `beyond`: how many times the largest result the largest node that may run is. */
  | { readonly kind: 'measured'; readonly results: number; readonly beyond: number }
  | { readonly kind: 'calibrated' }
  | { readonly kind: 'nothing' };

export interface RunEstimate {
  readonly stages: readonly StageEstimate[];
  /** With all workers, if nothing else runs on the machine; a lower bound while a stage's seconds are unknown. */
  readonly wallSeconds: number;
  readonly longest: { readonly node: GraphNode; readonly seconds: number } | undefined;
  /** By stage. */
  readonly rates: ReadonlyMap<string, StageRate>;
}

interface Context {
  readonly graph: Graph;
  readonly store: Store;
  readonly execution: (node: GraphNode) => Execution | undefined;
  readonly numericClass: (node: GraphNode) => string | undefined;
}

/** What bringing the selected nodes up to date takes, if all that may run does. Calibrates stages that were not measured, or on few or far smaller nodes. */
export async function estimateRun(
  context: Context,
  selected: ReadonlySet<GraphNode>,
  decisions: readonly Decision[],
  jobs: number,
): Promise<RunEstimate> {
  const byStage = new Map<string, GraphNode[]>();
  const dirty: GraphNode[] = [];
  for (const node of context.graph.nodes) {
    if (!selected.has(node)) continue;
    if (!byStage.has(node.stage.name)) byStage.set(node.stage.name, []);
    byStage.get(node.stage.name)!.push(node);
    if (decisions[node.index]!.state !== 'fresh') dirty.push(node);
  }
  const totals = new Map(stageTotals(context, dirty, jobs).map((total) => [total.stage, total]));
  const rates = await stageRates(context, dirty);
  let shared = 0;
  const stages: StageEstimate[] = [];
  for (const [stage, nodes] of byStage) {
    const states = nodes.map((node) => decisions[node.index]!.state);
    const count = (state: Decision['state']): number => states.filter((one) => one === state).length;
    const [fresh, pending] = [count('fresh'), count('pending')];
    const open = nodes.filter((_, i) => states[i] !== 'fresh');
    const total = totals.get(stage);
    const { secondsPerCost: rate, basis = { kind: 'nothing' } } = rates.get(stage) ?? {};
    const seconds = total && rate !== undefined ? rate * total.cost : undefined;
    if (total && seconds !== undefined) shared += seconds / total.slots;
    const works = defined(open.map(nodeWork));
    const memory = defined(open.map((node) => nodeMemory(node, context.execution(node)?.resources?.memoryBytes)));
    const downloads = defined(open.map(nodeDownloads));
    stages.push({
      stage,
      run: nodes.length - fresh - pending,
      pending,
      fresh,
      work: works && works.reduce((sum, work) => sum + work, 0),
      largestWork: works && largest(works),
      memory: memory && largest(memory),
      downloads: downloads?.reduce((sum, { bytes, diskBytes }) => ({
        bytes: sum.bytes + bytes,
        diskBytes: sum.diskBytes + diskBytes,
      })),
      seconds,
      basis,
    });
  }
  const { chain, longest } = longestChain(dirty, secondsOfNode(rates));
  return { stages, wallSeconds: Math.max(shared, chain), longest, rates };
}

/** Seconds of work for each unit of cost of a stage, and what this is known by. */
export interface StageRate {
  readonly secondsPerCost: number;
  readonly basis: Basis;
}

/**
 * How fast the stages of some nodes are here. A calibration says more than what was measured on far smaller or on few
 * nodes: most of the time of the first is that of starting, and other work on the machine has slowed the second.
 */
export async function stageRates(
  context: Pick<Context, 'store' | 'numericClass'>,
  nodes: readonly GraphNode[],
): Promise<Map<string, StageRate>> {
  const byStage = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const { name } = node.stage;
    if (!byStage.has(name)) byStage.set(name, []);
    byStage.get(name)!.push(node);
  }
  const paces = byStage.size > 0 ? readPaces(context.store.directory) : new Map<string, never>();
  const rates = new Map<string, StageRate>();
  for (const [stage, [first, ...others]] of byStage) {
    const largestCost = largest([first!, ...others].map(nodeCost));
    const pace = paces.get(paceName(stage, context.numericClass(first!)));
    const isTelling =
      pace && (pace.nodes >= fewNodes || pace.seconds >= longSeconds) && pace.largestCost * farSmaller >= largestCost;
    const calibration = isTelling ? undefined : await calibrated(first!.stage);
    if (calibration !== undefined) rates.set(stage, { secondsPerCost: calibration, basis: { kind: 'calibrated' } });
    else if (pace)
      rates.set(stage, {
        secondsPerCost: secondsPerCost(pace),
        basis: { kind: 'measured', results: pace.nodes, beyond: largestCost / pace.largestCost },
      });
  }
  return rates;
}

/** Seconds of work of a node; 0 where nothing is known. */
export function secondsOfNode(rates: ReadonlyMap<string, StageRate>): (node: GraphNode) => number {
  return (node) => (rates.get(node.stage.name)?.secondsPerCost ?? 0) * nodeCost(node);
}

/** Measured nodes that are smaller than what is to run by more than this say little of it. */
const farSmaller = 10;
/** Fewer measured nodes than this are no rule, unless they took so long. */
const fewNodes = 20;
const longSeconds = 60;

/** Seconds for each unit of cost, by what the stage times here and now; undefined if it cannot. Throws an InputError. */
async function calibrated({ name, calibrate }: StageDeclaration): Promise<number | undefined> {
  if (!calibrate) return undefined;
  let samples: unknown;
  try {
    samples = await calibrate();
  } catch (error) {
    throw new InputError(`stage ${name}: calibrate: ${messageOf(error)}`);
  }
  if (!Array.isArray(samples) || !samples.every(isTimedCost))
    throw new InputError(
      `stage ${name}: calibrate gave ${JSON.stringify(samples)}: expected a list of { cost, seconds }, costs above 0`,
    );
  if (samples.length === 0) return undefined;
  return samples.reduce((sum, { cost, seconds }) => sum + seconds / cost, 0) / samples.length;
}

function isTimedCost(sample: unknown): sample is TimedCost {
  if (!isObject(sample)) return false;
  const { cost, seconds } = sample;
  return Number.isFinite(cost) && Number.isFinite(seconds) && (cost as number) > 0 && (seconds as number) >= 0;
}

/** Seconds of the longest chain of nodes that wait for each other, and of the longest node. */
function longestChain(
  nodes: readonly GraphNode[],
  secondsOf: (node: GraphNode) => number,
): { chain: number; longest: RunEstimate['longest'] } {
  const behind = new Map<GraphNode, number>();
  let chain = 0;
  let longest: RunEstimate['longest'];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const seconds = secondsOf(node);
    if (seconds > (longest?.seconds ?? 0)) longest = { node, seconds };
    let after = 0;
    for (const dependent of node.dependents) after = Math.max(after, behind.get(dependent) ?? 0);
    behind.set(node, seconds + after);
    chain = Math.max(chain, seconds + after);
  }
  return { chain, longest };
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** The values if there are any and all are known. */
function defined<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 && known.length === values.length ? known : undefined;
}
