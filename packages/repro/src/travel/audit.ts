import { existsSync } from 'node:fs';
import type { GraphNode } from '../graph/graph.ts';
import { isSameOutput } from '../execute/same-bytes.ts';
import type { Decision } from '../plan/scan.ts';
import { readTrace, thisMachine } from '../plan/trace.ts';
import type { Machine } from '../plan/trace.ts';
import type { Places, PlannedSet, Session } from '../session-parts.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isDigest, isRecordOf, isSize, isString, isTime, parseJsonText } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { notComputed } from './recompute.ts';
import type { Recomputed } from './recompute.ts';
import { upperBound } from './sampling.ts';
import type { Candidate } from './sampling.ts';

/**
 * What an audit says of a node that it drew:
 * - `same`, `different`: it was computed again, and its outputs were compared.
 * - `failed`: it, or what it needs, failed when it was computed again.
 * - `not-run`: it, or what it needs, cannot run here: a device or a program is missing, something ended its process. Or it
 *   came out with other bytes, which its type allows within a tolerance, and those that are recorded are not here.
 * - `interrupted`: the audit ended before it did.
 */
export type AuditVerdict = (typeof verdicts)[number];

/** In a merged audit, what comes first counts. */
const verdicts = ['different', 'failed', 'same', 'not-run', 'interrupted'] as const;

/** One node that an audit drew. */
export interface AuditedNode {
  readonly node: string;
  readonly key: string;
  /** Digests by output; those of `recomputed` are empty for a node that has none. */
  readonly recorded: Readonly<Record<string, string>>;
  readonly recomputed: Readonly<Record<string, string>>;
  readonly verdict: AuditVerdict;
  /** Which outputs differ, or why they could not be compared. */
  readonly detail: string;
  /** Of the recorded run. */
  readonly seconds: number;
}

/** What audits write as audit.json. Those of independent people can be merged. */
export interface Audit {
  readonly format: 'repro-audit';
  readonly pipeline: string;
  readonly set: string;
  /** Of each audit that is merged here: the seed it drew by, where, and when. */
  readonly draws: readonly { readonly seed: string; readonly machine: Machine; readonly finishedAt: string }[];
  /** Nodes that could have been drawn, and their work in seconds. `atMostSeconds`: those that took longer could not. */
  readonly population: { readonly nodes: number; readonly seconds: number; readonly atMostSeconds?: number };
  readonly drawnBy: 'nodes' | 'work';
  readonly nodes: readonly AuditedNode[];
}

/** The nodes with a result of the chosen backend, each in the stratum of its stage and group. */
export function auditCandidates(
  { graph, store }: PlannedSet & Places,
  decisions: readonly Decision[],
  byWork: boolean,
): (Candidate<GraphNode> & { readonly seconds: number; readonly cost: number })[] {
  const secondsOf = (node: GraphNode): number => {
    const decision = decisions[node.index]!;
    return decision.state === 'fresh' ? (readTrace(store, decision.result.trace)?.seconds ?? 0) : 0;
  };
  const isHere = (node: GraphNode, output: string): boolean => {
    const decision = decisions[node.index]!;
    const blob = decision.state === 'fresh' ? decision.result.outputs[output] : undefined;
    return blob === undefined || existsSync(store.blobPath(blob.digest));
  };
  return graph.nodes.flatMap((node) => {
    const decision = decisions[node.index]!;
    if (decision.state !== 'fresh' || decision.accepted !== undefined) return [];
    const seconds = secondsOf(node);
    const cost = costOf(node, secondsOf, isHere);
    const group = /\[([^=,\]]+)[,\]]/.exec(node.name)?.[1] ?? '';
    const stratum = `${node.stage.name} ${group}`;
    return [{ item: node, id: decision.key, stratum, weight: byWork ? Math.max(seconds, 1e-3) : 1, seconds, cost }];
  });
}

/** What it takes to compute a node again: its own seconds, and those of all that it needs whose bytes are not here. */
export function costOf(
  node: GraphNode,
  secondsOf: (node: GraphNode) => number,
  isHere: (node: GraphNode, output: string) => boolean,
): number {
  const needed = new Set([node]);
  // A set hands over what is added while it is gone through.
  for (const each of needed)
    for (const { handles } of each.inputs)
      for (const { node: producer, output } of handles)
        if (producer.kind === 'node' && !isHere(producer, output)) needed.add(producer);
  return [...needed].reduce((sum, each) => sum + secondsOf(each), 0);
}

/** Compares what came out of a node that was drawn with what is recorded. `results`: of all that was computed again. */
export function auditedNode(
  session: Session,
  recomputedStore: Store,
  node: GraphNode,
  decision: Extract<Decision, { state: 'fresh' }>,
  results: ReadonlyMap<GraphNode, Recomputed>,
): AuditedNode {
  const { store } = session;
  const digests = (outputs: Readonly<Record<string, { digest: string }>>): Record<string, string> =>
    Object.fromEntries(Object.keys(node.stage.outputs).map((name) => [name, outputs[name]!.digest]));
  const facts = {
    node: node.name,
    key: decision.key,
    recorded: digests(decision.result.outputs),
    seconds: readTrace(store, decision.result.trace)?.seconds ?? 0,
  };
  const none = { ...facts, recomputed: {} };
  const result = results.get(node);
  if (!result) return { ...none, verdict: 'interrupted', detail: 'the audit was interrupted before it ended' };
  if (result.state !== 'done') return { ...none, verdict: result.state, detail: result.message };
  const unknown: string[] = [];
  const differing = Object.entries(node.stage.outputs).flatMap(([name, { determinism }]) => {
    const [was, is] = [decision.result.outputs[name]!, result.outputs[name]!];
    if (was.digest === is.digest) return [];
    if (determinism.level === 'bytes') return [name];
    const here = store.verify(was) === 'intact' && recomputedStore.verify(is) === 'intact';
    if (here)
      return isSameOutput(determinism, recomputedStore.blobPath(is.digest), store.blobPath(was.digest)) ? [] : [name];
    unknown.push(name);
    return [];
  });
  if (unknown.length > 0 && differing.length === 0)
    return {
      ...none,
      verdict: 'not-run',
      detail: `other bytes in ${unknown.join(' and ')}, for which there is a tolerance: the recorded bytes are not here to compare with`,
    };
  const missing = differing.length > 0 && result.key !== decision.key ? notComputed(node, results) : undefined;
  if (missing)
    return { ...none, verdict: 'not-run', detail: `it can use ${missing.name}, which was not computed again here` };
  const because = result.key === decision.key ? '' : ', since its inputs came out with other bytes';
  const detail = differing.length ? `other bytes in ${differing.join(' and ')}${because}` : '';
  return { ...facts, recomputed: digests(result.outputs), verdict: differing.length ? 'different' : 'same', detail };
}

/** What is drawn from. */
interface Population {
  readonly candidates: readonly { readonly seconds: number }[];
  readonly atMostSeconds: number | undefined;
}

export function newAudit(
  session: Session,
  seed: string,
  { candidates, atMostSeconds }: Population,
  drawnBy: Audit['drawnBy'],
  nodes: readonly AuditedNode[],
): Audit {
  return {
    format: 'repro-audit',
    pipeline: session.pipeline.name,
    set: session.parameters.name,
    draws: [{ seed, machine: thisMachine(), finishedAt: new Date().toISOString() }],
    population: {
      nodes: candidates.length,
      seconds: candidates.reduce((sum, { seconds }) => sum + seconds, 0),
      ...(atMostSeconds !== undefined && { atMostSeconds }),
    },
    drawnBy,
    nodes: [...nodes].sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}

function isSamePopulation(a: Audit['population'], b: Audit['population']): boolean {
  return a.nodes === b.nodes && a.atMostSeconds === b.atMostSeconds;
}

/** Whether two audits are about one result of a node: what is made of other code, or recorded with other bytes, is another. */
function isSameResult(a: AuditedNode, b: AuditedNode): boolean {
  const names = Object.keys({ ...a.recorded, ...b.recorded });
  return a.key === b.key && names.every((name) => a.recorded[name] === b.recorded[name]);
}

/** One audit of all that several computed again. Throws an Error if they are not about the same results. */
export function mergeAudits(audits: readonly Audit[]): Audit {
  const [first, ...others] = audits as [Audit, ...Audit[]];
  for (const { pipeline, set, population, drawnBy } of others) {
    if (pipeline !== first.pipeline || set !== first.set || !isSamePopulation(population, first.population))
      throw new Error(
        `audits of ${first.set} (${first.population.nodes} nodes) and ${set} (${population.nodes} nodes)`,
      );
    if (drawnBy !== first.drawnBy) throw new Error(`one audit was drawn by ${first.drawnBy}, another by ${drawnBy}`);
  }
  const nodes = new Map<string, AuditedNode>();
  for (const node of audits.flatMap((audit) => audit.nodes)) {
    const known = nodes.get(node.node);
    if (known && !isSameResult(known, node)) throw new Error(`${node.node} has another result in one of them`);
    if (!known || verdicts.indexOf(node.verdict) < verdicts.indexOf(known.verdict)) nodes.set(node.node, node);
  }
  return {
    ...first,
    draws: audits.flatMap(({ draws }) => draws),
    nodes: [...nodes.values()].sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}

/** How many of the nodes that were drawn got each verdict. */
export function auditCounts({ nodes }: Audit): Readonly<Record<AuditVerdict, number>> & { readonly compared: number } {
  const counts = { different: 0, failed: 0, same: 0, 'not-run': 0, interrupted: 0 };
  for (const { verdict } of nodes) counts[verdict]++;
  return { ...counts, compared: counts.same + counts.different + counts.failed };
}

/**
 * `24 of 1020 nodes recomputed, all equal: at most 12% differ, with 95% confidence`. What cannot run here is a part of the
 * population of which nothing is known, so the share is of the others. What an interrupt left is no random part of what was
 * drawn (short nodes end first), so it counts as if it differed.
 */
export function auditStatement(audit: Audit): string {
  const { nodes, population, drawnBy } = audit;
  const { compared, different, failed, interrupted, 'not-run': notRun } = auditCounts(audit);
  const limit = population.atMostSeconds === undefined ? '' : ` that take at most ${population.atMostSeconds} s each`;
  const of = `of ${population.nodes} nodes${limit} recomputed`;
  const [reason] = nodes.filter(({ verdict }) => verdict === 'not-run' || verdict === 'interrupted');
  if (compared === 0)
    return `0 ${of}: this says nothing about the results${reason ? ` (${reason.node}: ${reason.detail})` : ''}`;
  const bad = different + failed + interrupted;
  const all = nodes.length === population.nodes && interrupted === 0;
  const share = percent(all ? bad / compared : upperBound(bad, compared + interrupted));
  const whose = notRun > 0 ? ' of those that can run here' : '';
  const says = all
    ? `${share}${whose} differ${failed > 0 ? ' or fail' : ''}`
    : drawnBy === 'nodes'
      ? `at most ${share}${whose} differ, with 95% confidence`
      : `at most ${share} of the work${whose} has results that differ, with 95% confidence`;
  const work = nodes.reduce((sum, { verdict, seconds }) => sum + (isCompared(verdict) ? seconds : 0), 0);
  const part = population.seconds > 0 ? ` (${percent(work / population.seconds)} of the work)` : '';
  const equal =
    different + failed === 0
      ? 'all equal'
      : [...(different > 0 ? [`${different} different`] : []), ...(failed > 0 ? [`${failed} failed`] : [])].join(', ');
  const rest = [
    ...(notRun > 0 ? [`${notRun} more could not run here`] : []),
    ...(interrupted > 0 ? [`${interrupted} more did not end before the interrupt and count as different`] : []),
  ];
  return `${compared} ${of}${part}, ${[equal, ...rest].join(', ')}: ${says}`;
}

function isCompared(verdict: AuditVerdict): boolean {
  return verdict !== 'not-run' && verdict !== 'interrupted';
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 10 || value === 0 ? Math.ceil(value - 1e-9) : Number(value.toPrecision(2))}%`;
}

/** An audit that anybody may have written; undefined if it is none. */
export function parseAudit(text: string): Audit | undefined {
  const value = parseJsonText(text);
  if (!isObject(value) || value['format'] !== 'repro-audit') return undefined;
  const { pipeline, set, draws, population, drawnBy, nodes } = value;
  const known =
    isString(pipeline) &&
    isString(set) &&
    isArrayOf(
      (each): each is object => isObject(each) && isString(each['seed']) && isTime(each['finishedAt']),
      draws,
    ) &&
    isObject(population) &&
    isSize(population['nodes']) &&
    isSeconds(population['seconds']) &&
    (population['atMostSeconds'] === undefined || isSeconds(population['atMostSeconds'])) &&
    (drawnBy === 'nodes' || drawnBy === 'work') &&
    isArrayOf(isAuditedNode, nodes) &&
    // A node counts once: else each could be repeated until hardly any can differ.
    new Set(nodes.map(({ key }) => key)).size === nodes.length &&
    nodes.length <= population['nodes'];
  return known ? (value as unknown as Audit) : undefined;
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

function isAuditedNode(value: unknown): value is AuditedNode {
  if (!isObject(value)) return false;
  const { node, key, recorded, recomputed, verdict, detail, seconds } = value;
  return (
    isString(node) &&
    isDigest(key) &&
    isRecordOf(isDigest, recorded) &&
    isRecordOf(isDigest, recomputed) &&
    verdicts.includes(verdict as AuditVerdict) &&
    isString(detail) &&
    isSeconds(seconds)
  );
}
