/**
 * The scheduler of a run and its executor for Slurm against a cluster that is played: 1000 slots, 100,000 nodes, seeded
 * failures, on a clock of its own. Nothing is computed; what is measured is how well and at what cost jobs are handed out.
 */
import { Type } from '@sinclair/typebox';
import { many, file } from '../../packages/repro/src/graph/artifact.ts';
import { codeDigestOfText } from '../../packages/repro/src/graph/digest.ts';
import type { Key } from '../../packages/repro/src/graph/digest.ts';
import { buildGraph } from '../../packages/repro/src/graph/graph.ts';
import type { Graph, GraphNode } from '../../packages/repro/src/graph/graph.ts';
import { defineStage } from '../../packages/repro/src/graph/stage.ts';
import { SlurmExecutor } from '../../packages/repro/src/cluster/slurm/executor.ts';
import { slurmOptions } from '../../packages/repro/src/cluster/slurm/options.ts';
import type { Unit } from '../../packages/repro/src/execute/executor.ts';
import { Scheduler } from '../../packages/repro/src/execute/scheduler.ts';
import type { ScheduleOptions } from '../../packages/repro/src/execute/scheduler.ts';
import { nodeCost } from '../../packages/repro/src/plan/node-cost.ts';
import { FakeCluster, resultFor } from '../../packages/repro/test/cluster/fake-cluster.ts';

export interface Simulation {
  readonly nodes: number;
  readonly slots: number;
  readonly seed: number;
  /** Whether jobs fail. */
  readonly failures: boolean;
}

const Bytes = file('bytes', '.bin');
const Seconds = Type.Object({ i: Type.Integer(), seconds: Type.Number() });
const seconds = ({ seconds }: { readonly seconds: number }): number => seconds;
const outputs = { out: Bytes };
const train = defineStage({
  name: 'train',
  summary: '',
  params: Seconds,
  inputs: {},
  outputs,
  cost: seconds,
  execution: { resources: { memoryBytes: 2 ** 30 } },
});
const measure = defineStage({
  name: 'measure',
  summary: '',
  params: Seconds,
  inputs: { model: Bytes },
  outputs,
  cost: seconds,
});
const fit = defineStage({
  name: 'fit',
  summary: '',
  params: Seconds,
  inputs: { points: many(Bytes) },
  outputs,
  cost: seconds,
});

/** Trainings of very different length, a short measurement of each, fits over hundreds of them, and one node over all fits. */
function graphOf({ nodes, seed }: Simulation): Graph {
  const random = randomNumbers(seed);
  const fits = Math.max(1, Math.round(nodes / 1000));
  const trainings = Math.floor((nodes - fits - 1) / 2);
  return buildGraph(
    (_, params) => params,
    () => {
      const measured = Array.from({ length: trainings }, (_, i) => {
        const length = Math.min(7_200, Math.max(5, 90 * Math.exp(normal(random))));
        const model = train({ i, seconds: Number(length.toPrecision(4)) }, {}).out;
        return measure({ i, seconds: Number((1 + 4 * random()).toPrecision(3)) }, { model }).out;
      });
      const fitted = Array.from(
        { length: fits },
        (_, i) => fit({ i, seconds: 60 }, { points: measured.filter((__, j) => j % fits === i) }).out,
      );
      fit({ i: fits, seconds: 30 }, { points: fitted });
    },
  ).graph;
}

/** Shares of tasks that end so. A machine of a thousand fails about once in a few months; preemption depends on the partition. */
const rates = { NODE_FAIL: 0.001, PREEMPTED: 0.01, OUT_OF_MEMORY: 0.002, TIMEOUT: 0.001, FAILED: 0 };
const startSeconds = 2;
/** Nodes save a checkpoint as often. */
const checkpointSeconds = 600;

export async function simulate(simulation: Simulation): Promise<void> {
  const began = process.cpuUsage();
  const graph = graphOf(simulation);
  const work = graph.nodes.reduce((sum, node) => sum + nodeCost(node), 0);
  const chain = criticalPath(graph);
  const cluster = new FakeCluster();
  const random = randomNumbers(simulation.seed + 1);
  const times = new Map<Key, number>();
  cluster.slots = simulation.slots;
  cluster.startSeconds = startSeconds;
  cluster.secondsOf = (key) => times.get(key)!;
  const ended: Record<string, number> = {};
  let lostSeconds = 0;
  cluster.fateOf = (keys, memory, attempt) => {
    const drawn = random();
    let sum = 0;
    for (const [state, rate] of Object.entries(rates)) {
      if (!simulation.failures || drawn >= (sum += rate)) continue;
      if (state === 'OUT_OF_MEMORY' && (memory === undefined || attempt > 1)) return undefined;
      ended[state] = (ended[state] ?? 0) + 1;
      const whole = times.get(keys[0]!)!;
      const after = random() * whole;
      // It goes on from its last checkpoint, except where the memory was too small.
      const kept = state === 'OUT_OF_MEMORY' ? 0 : checkpointSeconds * Math.floor(after / checkpointSeconds);
      times.set(keys[0]!, whole - kept);
      lostSeconds += after - kept;
      return { state, seconds: after, saves: state === 'TIMEOUT' };
    }
    return undefined;
  };
  const measured = new Map<string, { seconds: number; cost: number }>();
  const executor = new SlurmExecutor({
    slurm: cluster,
    spool: cluster.spool,
    options: slurmOptions(undefined, [], new Set(), {}),
    head: 'run',
    isHeadAlive: () => false,
    taskFile: () => ({ root: '', units: [], visibilitySeconds: 0 }),
    result: ({ key }) => (cluster.results.has(key) ? resultFor(key) : undefined),
    isRecorded: () => false,
    checkpoint: (key) => String(cluster.checkpoints.get(key) ?? ''),
    secondsOf: ({ node }) => {
      const known = measured.get(node.stage.name);
      return known && (known.seconds / known.cost) * nodeCost(node);
    },
    measured: ({ node }, { seconds: took }) => {
      const known = measured.get(node.stage.name) ?? { seconds: 0, cost: 0 };
      measured.set(node.stage.name, { seconds: known.seconds + took, cost: known.cost + nodeCost(node) });
    },
    emit: () => undefined,
    clock: cluster.clock,
  });
  const code = { digest: codeDigestOfText('code'), bundlePath: '', files: {}, packages: {} };
  const scheduler = new Scheduler({
    root: '/',
    graph,
    selected: new Set(graph.nodes),
    forced: () => false,
    execution: ({ stage }: GraphNode) => stage.execution,
    numericClass: () => undefined,
    code: new Map(graph.nodes.map(({ stage }) => [stage, code])),
    // Everything is to be done, and what is done is whole.
    store: { directory: '/none', lookup: () => ({ result: undefined, why: 'absent' }), verify: () => 'intact' },
    byName: { read: () => undefined, write: () => undefined, isCurrent: () => false },
    leases: { id: 'simulated' },
    runner: { abort: () => undefined },
    executor: {
      build: (unit: Unit, onStarted: (index: number) => void) => {
        for (const { node, key } of unit.nodes) times.set(key, nodeCost(node));
        return executor.build(unit, onStarted);
      },
      flush: () => executor.flush(),
      stop: () => executor.stop(),
      interrupt: () => executor.interrupt(),
      close: () => executor.close(),
    },
    jobs: 1,
    keepGoing: true,
    rerunCommand: () => '',
    emit: () => undefined,
  } as unknown as ScheduleOptions);
  let summary: Awaited<ReturnType<Scheduler['run']>> | undefined;
  let mostMemory = 0;
  void scheduler.run().then((end) => (summary = end));
  let looks = 0;
  await cluster.clock.runUntil(() => {
    if (looks++ % 5_000 === 0) mostMemory = Math.max(mostMemory, process.memoryUsage().heapUsed);
    return summary !== undefined;
  });
  const makespan = cluster.clock.now() / 1000;
  const bound = Math.max(work / simulation.slots, chain);
  const { user, system } = process.cpuUsage(began);
  const minutes = makespan / 60;
  const tasks = cluster.submissions.reduce((sum, each) => sum + each.tasks, 0);
  const built = [...cluster.built.values()];
  const rows: [string, string][] = [
    ['nodes, slots, seed', `${graph.nodes.length}, ${simulation.slots}, ${simulation.seed}`],
    ['recorded, failed', `${summary!.executed}, ${summary!.failed}`],
    ['built more than once', String(built.filter((count) => count > 1).length)],
    ['jobs that ended otherwise', JSON.stringify(ended)],
    ['makespan', `${Math.round(makespan)} s`],
    ['bound: work over slots, longest chain', `${Math.round(work / simulation.slots)} s, ${Math.round(chain)} s`],
    ['makespan over bound', (makespan / bound).toFixed(3)],
    ['lost to failures, of all work', `${((100 * lostSeconds) / work).toFixed(2)} %`],
    [
      'nodes a task, tasks an array',
      `${(graph.nodes.length / tasks).toFixed(1)}, ${(tasks / cluster.calls.submit).toFixed(1)}`,
    ],
    [
      'calls a minute: sbatch, squeue, sacct',
      [cluster.calls.submit, cluster.calls.queue, cluster.calls.accounting]
        .map((calls) => (calls / minutes).toFixed(2))
        .join(', '),
    ],
    ['most tasks in the queue', String(cluster.mostQueued)],
    [
      'processor time of the head and the played cluster',
      `${((user + system) / 1e6).toFixed(1)} s, ${((user + system) / 1e3 / graph.nodes.length).toFixed(3)} ms a node`,
    ],
    ['most memory in use', `${(mostMemory / 2 ** 20).toFixed(0)} MB`],
  ];
  for (const [what, value] of rows) console.log(`${what.padEnd(52)}${value}`);
}

function criticalPath({ nodes }: Graph): number {
  const behind = new Float64Array(nodes.length);
  let longest = 0;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    let after = 0;
    for (const { index } of node.dependents) after = Math.max(after, behind[index]!);
    behind[i] = nodeCost(node) + after;
    longest = Math.max(longest, behind[i]!);
  }
  return longest;
}

/** Numbers in [0, 1) by Lehmer's generator. */
function randomNumbers(seed: number): () => number {
  let state = 1 + (seed % 2_147_483_646);
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
