import { canonicalJson } from '../graph/canonical-json.ts';
import type { GraphNode } from '../graph/graph.ts';
import { differencesFrom } from '../plan/reasons.ts';
import type { Decision } from '../plan/scan.ts';
import { readTrace } from '../plan/trace.ts';
import type { Trace } from '../plan/trace.ts';
import type { Session } from '../session-parts.ts';
import type { ActionResult } from '../store/store.ts';
import type { Recomputed } from './recompute.ts';

type Stale = Extract<Decision, { readonly inputs: unknown }>;

/** A node of a stage whose code changed, and nothing else: it has a result of the code before. */
export interface Changed {
  readonly node: GraphNode;
  readonly decision: Stale;
  readonly before: Trace;
  readonly result: ActionResult;
}

/** Why the results of other code may stand for those of the present one: in the trace of each. */
export interface AcceptanceEvidence {
  /** Of the code that computed the result. */
  readonly code: string;
  readonly seed: string;
  /** Keys, under the present code, of the nodes that were computed again and came out with the same bytes. */
  readonly sample: readonly string[];
}

type AcceptedTrace = Trace & { readonly accepted?: AcceptanceEvidence };

/**
 * The nodes of a stage that only a change of code keeps from being fresh, and why the others cannot be taken over:
 * `train[m=10]: parameter changed`.
 */
export function changedNodes(
  { graph, store, byName, code, numericClass }: Session,
  decisions: readonly Decision[],
  stage: string,
): { changed: Changed[]; others: string[] } {
  const changed: Changed[] = [];
  const others: string[] = [];
  for (const node of graph.nodes) {
    const decision = decisions[node.index]!;
    if (node.stage.name !== stage || decision.state === 'fresh') continue;
    const record = byName.read(node.name);
    const before = record?.trace && readTrace(store, record.trace);
    const result = before && store.readResult(before.key);
    if (decision.state === 'pending' || !before || !result) {
      others.push(`${node.name}: ${decision.state === 'pending' ? 'its inputs are not complete' : 'never built'}`);
      continue;
    }
    const reasons = differencesFrom({
      node,
      code: code.get(node.stage)!,
      numericClass: numericClass(node),
      inputs: decision.inputs,
      previous: before,
    });
    const not = reasons.find(({ kind }) => kind !== 'code changed');
    if (not) others.push(`${node.name}: ${not.kind}`);
    else changed.push({ node, decision, before, result });
  }
  return { changed, others };
}

/** What the new code made of a node whose result was to be accepted. */
export type Comparison =
  | { readonly verdict: 'same' }
  /** `detail`: the outputs that differ, or why there is nothing to compare. */
  | { readonly verdict: 'different' | 'failed' | 'not-run' | 'interrupted'; readonly detail: string };

/** Compares with what the code before made. */
export function compared({ node, result }: Changed, recomputed: Recomputed | undefined): Comparison {
  if (!recomputed) return { verdict: 'interrupted', detail: 'interrupted' };
  if (recomputed.state !== 'done') return { verdict: recomputed.state, detail: recomputed.message };
  const differing = Object.keys(node.stage.outputs).filter(
    (name) => recomputed.outputs[name]?.digest !== result.outputs[name]?.digest,
  );
  return differing.length > 0 ? { verdict: 'different', detail: differing.join(' and ') } : { verdict: 'same' };
}

/**
 * Records the results of the code before under the keys of the present code, with the evidence in their traces. Nodes may
 * have results of several codes, and one that was accepted before is of the code that computed it.
 */
export function takeOver(session: Session, all: readonly Changed[], evidence: Omit<AcceptanceEvidence, 'code'>): void {
  const { store, byName, code } = session;
  for (const { node, decision, before, result } of all) {
    const present = code.get(node.stage)!;
    const { accepted } = before as AcceptedTrace;
    const trace: AcceptedTrace = {
      ...before,
      key: decision.key,
      code: { digest: present.digest, files: present.files, packages: present.packages },
      accepted: { code: accepted?.code ?? before.code.digest, ...evidence },
    };
    const taken = { outputs: result.outputs, trace: store.write(canonicalJson(trace)) };
    store.record(decision.key, extensionsOf(node), taken);
    byName.write({ node: node.name, key: decision.key, state: 'done', ...taken });
  }
  byName.save();
}

function extensionsOf({ stage }: GraphNode): Record<string, string> {
  return Object.fromEntries(Object.entries(stage.outputs).map(([output, { extension }]) => [output, extension]));
}
