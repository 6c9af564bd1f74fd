import { asKey } from '../graph/digest.ts';
import { differencesBetween } from '../plan/reasons.ts';
import { readTrace } from '../plan/trace.ts';
import type { Trace } from '../plan/trace.ts';
import type { LockedNode } from '../publish/lock.ts';
import type { Store } from '../store/store.ts';
import type { PublishedReport } from './published-report.ts';

/** The nodes of one stage in two reports. */
export interface StageDiff {
  readonly stage: string;
  /** The same key. */
  readonly same: number;
  /** Another key and the same bytes. */
  readonly sameBytes: number;
  /** Another key and other bytes. */
  readonly changed: number;
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** Why keys differ, the most frequent first. */
  readonly reasons: readonly StageReason[];
  /** Nodes with another key of which the store does not know both results, so that why is unknown. */
  readonly unexplained: number;
}

export interface StageReason {
  /** `parameter changed` */
  readonly kind: string;
  /** `n: 320 -> 1000`; the input, where the content of one differs. */
  readonly detail: string;
  readonly nodes: number;
}

export interface NodesDiff {
  readonly stages: readonly StageDiff[];
  /** The same key and other bytes: some stage is not deterministic, or a result is forged. */
  readonly contradictory: readonly string[];
}

/** Compares two locks. `store`, if there is one, says why keys differ. */
export function compareNodes(before: PublishedReport, after: PublishedReport, store: Store | undefined): NodesDiff {
  const traceOf = (key: string): Trace | undefined => {
    const known = asKey(key);
    const result = store && known !== undefined ? store.readResult(known) : undefined;
    return result && readTrace(store!, result.trace);
  };
  const stages = new Map<string, StageCount>();
  const contradictory: string[] = [];
  const [was, is] = [before.lock.nodes, after.lock.nodes];
  for (const name of [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()) {
    const stage = name.replace(/\[.*$/s, '');
    if (!stages.has(stage)) stages.set(stage, new StageCount(stage));
    const count = stages.get(stage)!;
    const [a, b] = [own(was, name), own(is, name)];
    if (!a) count.onlyAfter.push(b!);
    else if (!b) count.onlyBefore.push(a);
    else if (a.key !== b.key) count.add(a, b, traceOf);
    else if (sameOutputs(a, b)) count.same++;
    else contradictory.push(name);
  }
  return { stages: [...stages.values()].map((count) => count.result(traceOf)), contradictory };
}

class StageCount {
  readonly #stage: string;
  same = 0;
  readonly onlyBefore: LockedNode[] = [];
  readonly onlyAfter: LockedNode[] = [];
  #sameBytes = 0;
  #changed = 0;
  #unexplained = 0;
  readonly #reasons = new Map<string, StageReason>();

  constructor(stage: string) {
    this.#stage = stage;
  }

  add(a: LockedNode, b: LockedNode, traceOf: (key: string) => Trace | undefined): void {
    if (sameOutputs(a, b)) this.#sameBytes++;
    else this.#changed++;
    const [before, after] = [traceOf(a.key), traceOf(b.key)];
    if (!before || !after) {
      this.#unexplained++;
      return;
    }
    const seen = new Set<string>();
    for (const { kind, details } of differencesBetween(before, after)) {
      for (const detail of details) {
        // What inputs hold differs from node to node; which input it is does not.
        const shown = kind === 'input changed' ? detail.slice(0, detail.indexOf(':')) : detail;
        const id = `${kind} ${shown}`;
        if (seen.has(id)) continue;
        seen.add(id);
        this.#reasons.set(id, { kind, detail: shown, nodes: (this.#reasons.get(id)?.nodes ?? 0) + 1 });
      }
    }
  }

  /** Nodes that have another name only are found by their key, or by their bytes. */
  #matchRenamed(traceOf: (key: string) => Trace | undefined): { onlyBefore: number; onlyAfter: number } {
    const after = new Set(this.onlyAfter);
    let before = [...this.onlyBefore];
    for (const identity of [({ key }: LockedNode) => key, outputsText]) {
      const known = new Map<string, LockedNode[]>();
      for (const node of after) {
        const alike = known.get(identity(node));
        if (alike) alike.push(node);
        else known.set(identity(node), [node]);
      }
      before = before.filter((node) => {
        const match = known.get(identity(node))?.pop();
        if (!match) return true;
        after.delete(match);
        if (match.key === node.key) this.same++;
        else this.add(node, match, traceOf);
        return false;
      });
    }
    return { onlyBefore: before.length, onlyAfter: after.size };
  }

  result(traceOf: (key: string) => Trace | undefined): StageDiff {
    const { onlyBefore, onlyAfter } = this.#matchRenamed(traceOf);
    return {
      stage: this.#stage,
      same: this.same,
      sameBytes: this.#sameBytes,
      changed: this.#changed,
      onlyBefore,
      onlyAfter,
      reasons: [...this.#reasons.values()].sort((a, b) => b.nodes - a.nodes),
      unexplained: this.#unexplained,
    };
  }
}

function own<T>(members: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function outputsText({ outputs }: LockedNode): string {
  return JSON.stringify(Object.entries(outputs).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sameOutputs({ outputs: was }: LockedNode, { outputs: is }: LockedNode): boolean {
  const names = Object.keys(was);
  return names.length === Object.keys(is).length && names.every((name) => was[name] === own(is, name));
}
