import type { GraphNode } from '../graph/graph.ts';
import { isSameOutput } from '../execute/same-bytes.ts';
import type { Decision } from '../plan/scan.ts';
import { readTrace, thisMachine } from '../plan/trace.ts';
import type { Machine } from '../plan/trace.ts';
import type { Places, PlannedSet, Session } from '../session-parts.ts';
import { isObject } from '../is-object.ts';
import { isArrayOf, isDigest, isRecordOf, isSize, isString, isTime, parseJsonText } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Recomputed } from './recompute.ts';
import { upperBound } from './sampling.ts';
import type { Candidate } from './sampling.ts';

/** One node that an audit computed again. */
export interface AuditedNode {
  readonly node: string;
  readonly key: string;
  /** Digests by output; those of `recomputed` are empty for a node that failed. */
  readonly recorded: Readonly<Record<string, string>>;
  readonly recomputed: Readonly<Record<string, string>>;
  readonly verdict: 'same' | 'different' | 'failed';
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
  /** Nodes that could have been drawn, and their work in seconds. */
  readonly population: { readonly nodes: number; readonly seconds: number };
  readonly drawnBy: 'nodes' | 'work';
  readonly nodes: readonly AuditedNode[];
}

/** The nodes with a result of the chosen backend, each in the stratum of its stage and group. */
export function auditCandidates(
  { graph, store }: PlannedSet & Places,
  decisions: readonly Decision[],
  byWork: boolean,
): (Candidate<GraphNode> & { readonly seconds: number })[] {
  return graph.nodes.flatMap((node) => {
    const decision = decisions[node.index]!;
    if (decision.state !== 'fresh' || decision.accepted !== undefined) return [];
    const seconds = readTrace(store, decision.result.trace)?.seconds ?? 0;
    const group = /\[([^=,\]]+)[,\]]/.exec(node.name)?.[1] ?? '';
    const stratum = `${node.stage.name} ${group}`;
    return [{ item: node, id: decision.key, stratum, weight: byWork ? Math.max(seconds, 1e-3) : 1, seconds }];
  });
}

/** Compares what came out with what is recorded, for the nodes drawn and what was computed again for them. */
export function auditedNode(
  session: Session,
  recomputedStore: Store,
  node: GraphNode,
  decision: Extract<Decision, { state: 'fresh' }>,
  result: Recomputed,
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
  if (result.state !== 'done') return { ...facts, recomputed: {}, verdict: 'failed', detail: result.message };
  const differing = Object.entries(node.stage.outputs).flatMap(([name, { determinism }]) => {
    const [was, is] = [decision.result.outputs[name]!, result.outputs[name]!];
    if (was.digest === is.digest) return [];
    const here = store.verify(was) === 'intact' && recomputedStore.verify(is) === 'intact';
    const near =
      determinism.level === 'numeric' &&
      here &&
      isSameOutput(determinism, recomputedStore.blobPath(is.digest), store.blobPath(was.digest));
    return near ? [] : [name];
  });
  const because = result.key === decision.key ? '' : ', since its inputs came out with other bytes';
  const detail = differing.length ? `other bytes in ${differing.join(' and ')}${because}` : '';
  return { ...facts, recomputed: digests(result.outputs), verdict: differing.length ? 'different' : 'same', detail };
}

export function newAudit(
  session: Session,
  seed: string,
  candidates: readonly { readonly seconds: number }[],
  drawnBy: Audit['drawnBy'],
  nodes: readonly AuditedNode[],
): Audit {
  return {
    format: 'repro-audit',
    pipeline: session.pipeline.name,
    set: session.parameters.name,
    draws: [{ seed, machine: thisMachine(), finishedAt: new Date().toISOString() }],
    population: { nodes: candidates.length, seconds: candidates.reduce((sum, { seconds }) => sum + seconds, 0) },
    drawnBy,
    nodes: [...nodes].sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}

/** One audit of all that several computed again. Throws an Error if they are not about the same results. */
export function mergeAudits(audits: readonly Audit[]): Audit {
  const [first, ...others] = audits as [Audit, ...Audit[]];
  for (const { pipeline, set, population, drawnBy } of others) {
    if (pipeline !== first.pipeline || set !== first.set || population.nodes !== first.population.nodes)
      throw new Error(
        `audits of ${first.set} (${first.population.nodes} nodes) and ${set} (${population.nodes} nodes)`,
      );
    if (drawnBy !== first.drawnBy) throw new Error(`one audit was drawn by ${first.drawnBy}, another by ${drawnBy}`);
  }
  const nodes = new Map<string, AuditedNode>();
  for (const node of audits.flatMap((audit) => audit.nodes)) {
    const known = nodes.get(node.key);
    if (!known || known.verdict === 'same') nodes.set(node.key, node);
  }
  return {
    ...first,
    draws: audits.flatMap(({ draws }) => draws),
    nodes: [...nodes.values()].sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}

/** `24 of 1020 nodes recomputed, all equal: at most 12% differ, with 95% confidence`. */
export function auditStatement({ nodes, population, drawnBy }: Audit): string {
  const differing = nodes.filter(({ verdict }) => verdict !== 'same').length;
  const all = nodes.length === population.nodes;
  const bound = all ? differing / Math.max(1, nodes.length) : upperBound(differing, nodes.length);
  const equal = differing === 0 ? 'all equal' : `${differing} not equal`;
  const share = percent(bound);
  const says = all
    ? `${share} differ`
    : drawnBy === 'nodes'
      ? `at most ${share} differ, with 95% confidence`
      : `at most ${share} of the work has results that differ, with 95% confidence`;
  const work = nodes.reduce((sum, { seconds }) => sum + seconds, 0);
  const part = population.seconds > 0 ? ` (${percent(work / population.seconds)} of the work)` : '';
  return `${nodes.length} of ${population.nodes} nodes recomputed${part}, ${equal}: ${says}`;
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
    typeof population['seconds'] === 'number' &&
    (drawnBy === 'nodes' || drawnBy === 'work') &&
    isArrayOf(isAuditedNode, nodes);
  return known ? (value as unknown as Audit) : undefined;
}

function isAuditedNode(value: unknown): value is AuditedNode {
  if (!isObject(value)) return false;
  const { node, key, recorded, recomputed, verdict, detail, seconds } = value;
  return (
    isString(node) &&
    isDigest(key) &&
    isRecordOf(isDigest, recorded) &&
    isRecordOf(isDigest, recomputed) &&
    ['same', 'different', 'failed'].includes(verdict as string) &&
    isString(detail) &&
    typeof seconds === 'number'
  );
}
