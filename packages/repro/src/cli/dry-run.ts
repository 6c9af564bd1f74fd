import type { Downloads } from '../graph/stage.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { PipelinePart } from '../pipeline.ts';
import { estimateRun, secondsOfNode } from '../plan/estimate.ts';
import { partRanks } from '../plan/parts.ts';
import type { Basis, RunEstimate } from '../plan/estimate.ts';
import { withRecalled } from '../plan/recalled.ts';
import { planAll, Scan } from '../plan/scan.ts';
import { outputsToPublish } from '../publish/publish.ts';
import { isAtHand } from '../publish/recover.ts';
import { leftOutNodes, selection } from '../run.ts';
import type { Decision } from '../plan/scan.ts';
import type { RunOptions } from '../run.ts';
import type { Session } from '../session-parts.ts';
import { openRemote } from '../travel/remote.ts';
import { byteSize, floatingPointOperations, print, table } from './print.ts';
import { plural } from '../plural.ts';
import { roughly } from './reporters/duration.ts';

/**
 * Prints what `run` would do: by stage, how many nodes would run for certain and how many perhaps, their work, how
 * long that takes on this machine and what this is known by; then how long all takes with so many workers.
 */
export async function printDryRun(
  session: Session,
  options: Pick<
    RunOptions,
    'patterns' | 'until' | 'force' | 'leaveOut' | 'parts' | 'jobs' | 'budget' | 'remotes' | 'push' | 'shard'
  >,
): Promise<void> {
  const { selected, forced } = selection(session, options);
  const decisions = withRecalled(
    selected,
    planAll(session.graph, new Scan(session), forced),
    outputsToPublish(session, selected),
    isAtHand(session),
  );
  const without = withoutThem(session.graph, leftOutNodes(session, options), decisions);
  for (const node of without) selected.delete(node);
  const estimate = await estimateRun(session, selected, decisions, options.jobs);
  print(`${session.parameters.name}: ${plural(selected.size, 'node')}\n\n${dryRunText(estimate, options.jobs)}`);
  const open = [...selected].filter(({ index }) => decisions[index]!.state !== 'fresh');
  if (open.length === 0) return;
  const asked = open.every(forced) ? { ...options, remotes: [] } : options;
  for (const line of notTried(asked)) print(`${line}\n`);
  const { parts = [] } = session.publication;
  if (parts.length === 0 || (options.parts ?? []).length > 0 || options.patterns.length > 0) return;
  const secondsOf = secondsOfNode(estimate.rates);
  print(`\n${partsText(estimateParts(parts, open, without, secondsOf), options)}`);
}

/** What the run would do with other machines, and a dry run does not. */
function notTried({ remotes = [], push, shard }: Pick<RunOptions, 'remotes' | 'push' | 'shard'>): string[] {
  const names = remotes.map((remote) => openRemote(remote, 0).name);
  return [
    ...(names.length > 0 ? [`not asked: ${names.join(', ')}: nodes whose results are there would not run`] : []),
    ...(push ? ['nothing is sent: --push is for the run'] : []),
    ...(shard ? [`the nodes of all ${shard.count} shards are counted: each runs a part of them`] : []),
  ];
}

/** What one part adds to those before it. */
interface PartEstimate {
  readonly part: PipelinePart;
  readonly nodes: number;
  readonly leftOut: number;
  readonly seconds: number;
}

function estimateParts(
  parts: readonly PipelinePart[],
  open: readonly GraphNode[],
  without: ReadonlySet<GraphNode>,
  secondsOf: (node: GraphNode) => number,
): PartEstimate[] {
  const rank = partRanks(parts);
  const estimates = parts.map((part) => ({ part, nodes: 0, leftOut: 0, seconds: 0 }));
  for (const node of without) {
    const estimate = estimates[rank(node)];
    if (estimate) estimate.leftOut++;
  }
  for (const node of open) {
    const estimate = estimates[rank(node)];
    if (!estimate) continue;
    estimate.nodes++;
    estimate.seconds += secondsOf(node);
  }
  return estimates;
}

/** The parts in the order of `--budget`, with the time of work that each adds, and those that fit into a budget. */
function partsText(estimates: readonly PartEstimate[], { jobs, budget }: Pick<RunOptions, 'jobs' | 'budget'>): string {
  let wall = 0;
  const rows = estimates.map(({ part, nodes, leftOut, seconds }) => {
    const before = wall;
    wall += seconds / jobs;
    const fits = budget === undefined ? [] : [wall <= budget ? 'yes' : before < budget && nodes > 0 ? 'in part' : 'no'];
    const hours = nodes === 0 ? (leftOut === 0 ? 'done' : 'left out') : `${Number((seconds / 3600).toPrecision(2))}`;
    return [part.name, nodes, hours, ...fits, part.decides?.join(', ') ?? ''];
  });
  const header = ['part', 'to run', 'core hours', ...(budget === undefined ? [] : ['fits']), 'decides'];
  return `${table([header, ...rows], [1, 2])}\nrun one with --part <name>, or as many as fit with --budget <time>\n`;
}

/** The nodes that do not run since they are left out, or need one that is. */
function withoutThem(graph: Graph, leftOut: ReadonlySet<GraphNode>, decisions: readonly Decision[]): Set<GraphNode> {
  const without = new Set<GraphNode>();
  for (const node of graph.nodes) {
    const { state } = decisions[node.index]!;
    const needsOne = (): boolean =>
      node.inputs.some(
        ({ arity, handles }) =>
          (arity === 'one' || arity === 'many') &&
          handles.some(({ node: producer }) => producer.kind === 'node' && without.has(producer)),
      );
    if (state !== 'fresh' && (leftOut.has(node) || needsOne())) without.add(node);
  }
  return without;
}

export function dryRunText({ stages, wallSeconds, longest }: Omit<RunEstimate, 'rates'>, jobs: number): string {
  const sum = (of: (stage: RunEstimate['stages'][number]) => number | undefined): number =>
    stages.reduce((total, stage) => total + (of(stage) ?? 0), 0);
  const open = stages.filter(({ run, pending }) => run + pending > 0);
  const unknown = open.filter(({ seconds }) => seconds === undefined).map(({ stage }) => stage);
  const fetching = stages.some(({ downloads }) => downloads !== undefined);
  const fetched = (downloads: Downloads | undefined): string[] =>
    fetching ? [downloads ? byteSize(downloads.bytes) : '', downloads ? byteSize(downloads.diskBytes) : ''] : [];
  const rows = stages.map(({ stage, run, pending, fresh, work, largestWork, seconds, memory, downloads, basis }) => {
    const counts = [stage, run + pending, fresh];
    if (run + pending === 0) return counts;
    return [
      ...counts,
      work === undefined ? '' : floatingPointOperations(work),
      largestWork === undefined ? '' : floatingPointOperations(largestWork),
      memory === undefined ? '' : byteSize(memory),
      ...fetched(downloads),
      seconds === undefined ? '?' : roughly(seconds),
      basisWords(basis),
    ];
  });
  const header = [
    'stage',
    'to run',
    'fresh',
    'work',
    'largest',
    'memory',
    ...(fetching ? ['download', 'disk'] : []),
    'time',
    'known by',
  ];
  const counts = ['in all', sum(({ run, pending }) => run + pending), sum(({ fresh }) => fresh)];
  if (open.length === 0) return `${table([header.slice(0, 3), ...rows, counts])}\nnothing would run\n`;
  const work = sum((stage) => stage.work);
  const seconds = sum((stage) => stage.seconds);
  const anyKnown = unknown.length < open.length;
  const downloads = {
    bytes: sum((stage) => stage.downloads?.bytes),
    diskBytes: sum((stage) => stage.downloads?.diskBytes),
  };
  const total = [
    ...counts,
    work > 0 ? floatingPointOperations(work) : '',
    '',
    '',
    ...fetched(downloads),
    anyKnown ? roughly(seconds) : '?',
  ];
  const text = table([header, ...rows, total], fetching ? [3, 4, 5, 6, 7, 8] : [3, 4, 5, 6]);

  const lines: string[] = [];
  if (fetching)
    lines.push(
      `to download: at most ${byteSize(downloads.bytes)}, which leaves ${byteSize(downloads.diskBytes)} on the disk; less what is there already`,
    );
  if (anyKnown) {
    lines.push(
      `${unknown.length ? 'more than' : 'about'} ${roughly(wallSeconds)} with --jobs ${jobs}, if the machine does nothing else`,
    );
    if (longest && longest.seconds > 60)
      lines.push(`the longest node is of ${longest.node.stage.name}: ${roughly(longest.seconds)}`);
    if (unknown.length) lines.push(`not counted: ${unknown.join(', ')}, of which nothing was measured yet`);
  } else lines.push('how long: unknown, the store holds no earlier run of these stages');
  const pending = sum((stage) => stage.pending);
  if (pending > 0)
    lines.push(
      `${pending} of the nodes are pending: whether they run is known once their inputs are built; here all are counted`,
    );
  return `${text}\n${lines.join('\n')}\n`;
}

/** Sizes further apart than this make an estimate a guess that the reader should know of. */
const farBeyond = 3;

function basisWords(basis: Basis): string {
  switch (basis.kind) {
    case 'measured':
      return `${plural(basis.results, 'earlier run')}${basis.beyond > farBeyond ? `, of at most 1/${Number(basis.beyond.toPrecision(1))} the size` : ''}`;
    case 'calibrated':
      return 'a calibration just now';
    case 'nothing':
      return 'nothing yet';
  }
}
