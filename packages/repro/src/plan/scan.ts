import { join } from 'node:path';
import type { StageCode } from '../code/stage-code.ts';
import { InputError } from '../errors.ts';
import { environmentOf } from '../graph/command.ts';
import type { CodeDigest, Digest, Key, NumericClass } from '../graph/digest.ts';
import type { ArtifactType } from '../graph/artifact.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { SourceFile } from '../graph/node.ts';
import type { StageDeclaration } from '../graph/stage.ts';
import type { ByName } from '../store/by-name.ts';
import { fileDigest, statOrUndefined } from '../store/files.ts';
import type { ActionResult, Store } from '../store/store.ts';
import { misfit } from './declared-outputs.ts';
import type { CheckedOutputs } from './declared-outputs.ts';
import { nodeKey } from './key.ts';
import type { InputDigests } from './key.ts';
import { bestResult, dependentsToJudgeBy } from './best-result.ts';
import type { PassedOver, Standing } from './best-result.ts';
import { differencesFrom } from './reasons.ts';
import type { Reason } from './reasons.ts';
import { folderDigest, pathIn, sourceFolder } from './source-folder.ts';
import { absent, complete, outcomeOf, outputsOf } from './outcome.ts';
import type { Outcome, Outputs } from './outcome.ts';
import { handleName, readTrace } from './trace.ts';

/** Holds the place of an available input that could not be made, so that the digests of a list stay those of its handles. */
const absentDigest = '';

export type NodeState = 'fresh' | 'stale' | 'missing' | 'failed' | 'not-run' | 'pending';

/** What is to be done about a node, and why: the same object answers `run`, `status` and `why`. */
export type Decision =
  | {
      readonly state: 'fresh';
      readonly key: Key;
      readonly result: ActionResult;
      readonly reasons: readonly [];
      /** The numeric class of a result that is not of the chosen backend's, but was accepted. */
      readonly accepted?: NumericClass;
      /** Why a result that would come first, of this backend or of an accepted one, was not taken. */
      readonly passedOver?: PassedOver;
    }
  | {
      readonly state: 'stale' | 'missing' | 'failed' | 'not-run';
      readonly key: Key;
      readonly inputs: InputDigests;
      readonly reasons: readonly Reason[];
    }
  | { readonly state: 'pending'; readonly reasons: readonly Reason[] };

export interface ScanContext {
  readonly root: string;
  readonly store: Store;
  readonly byName: ByName;
  readonly code: ReadonlyMap<StageDeclaration, StageCode>;
  /** The numeric class of a stage under the chosen backend; undefined for stages that declare none. */
  readonly numericClass: (node: GraphNode) => NumericClass | undefined;
  /**
   * Whose results pass for those of a node's backend: what the user accepts. Its own comes first, then these in their
   * order; but see `bestResult`.
   */
  readonly accepts?: (node: GraphNode) => readonly AcceptedBackend[];
  /** Nodes that were found fresh, with all they need, a moment ago. */
  readonly known?: ReadonlyMap<GraphNode, Decision>;
  /** What is remembered of outputs that are what they declare. */
  readonly checked?: CheckedOutputs;
}

type FreshDecision = Extract<Decision, { state: 'fresh' }>;

/** How results of another backend are keyed. */
export interface AcceptedBackend {
  readonly numericClass: NumericClass;
  /** Digest of its code. */
  readonly code: CodeDigest;
}

/** Decides what is dirty. Knows nothing of running: that is the scheduler's. */
export class Scan {
  readonly #context: ScanContext;
  readonly #sources = new Map<string, Digest>();
  readonly #folders = new Map<string, Digest>();

  constructor(context: ScanContext) {
    this.#context = context;
  }

  /** Digests of a node's inputs once all are known; undefined while one is not. */
  inputDigests(node: GraphNode, outcome: (producer: GraphNode) => Outcome): InputDigests | undefined {
    const digests: Record<string, Digest | (Digest | '')[] | null> = {};
    for (const { name, arity, handles } of node.inputs) {
      const list: (Digest | '')[] = [];
      let isAbsent = arity === 'optional' && handles.length === 0;
      for (const { node: producer, output, type } of handles) {
        if (producer.kind === 'source') {
          list.push(this.#digestOf(producer, type));
          continue;
        }
        const made = outcome(producer);
        if (made.state === 'complete') list.push(made.outputs[output]!.digest);
        else if (made.state !== 'absent') return undefined;
        else if (arity === 'optional') isAbsent = true;
        else if (arity === 'available') list.push(absentDigest);
        else return undefined;
      }
      digests[name] = arity === 'many' || arity === 'available' ? list : isAbsent ? null : (list[0] as Digest);
    }
    return digests;
  }

  /** The key of a node with these inputs on its own backend. */
  ownKey(node: GraphNode, inputs: InputDigests): Key {
    const code = this.#context.code.get(node.stage)!.digest;
    return nodeKey(
      node,
      { code, numericClass: this.#context.numericClass(node), environment: environmentOf(node) },
      inputs,
    );
  }

  /** The state of a node whose inputs are as `outcome` says. */
  decide(node: GraphNode, outcome: (producer: GraphNode) => Outcome, force = false): Decision {
    // What is known is known of a node's own backend alone.
    const known = force || this.#context.accepts ? undefined : this.#context.known?.get(node);
    if (known) return known;
    const inputs = this.inputDigests(node, outcome);
    if (inputs === undefined) return { state: 'pending', reasons: [pendingReason(node, outcome)] };
    const { store, byName } = this.#context;
    const numericClass = this.#context.numericClass(node);
    const code = this.#context.code.get(node.stage)!;
    const key = this.ownKey(node, inputs);

    const found = store.lookup(key);
    const isComplete = found.result && Object.keys(node.stage.outputs).every((output) => found.result.outputs[output]);
    const unfit = found.result && isComplete && !force ? this.misfit(node, found.result) : undefined;
    const own: FreshDecision[] =
      found.result && isComplete && !force && unfit === undefined
        ? [{ state: 'fresh', key, result: found.result, reasons: [] }]
        : [];
    const accepted = force ? [] : this.#acceptedResults(node, inputs);
    const best = bestResult([...own, ...accepted], (outputs) => this.#standing(node, outputs, outcome));
    if (best) return best;

    const record = byName.read(node.name);
    const reasons: Reason[] = [];
    if (force && isComplete) reasons.push({ kind: 'forced', details: [] });
    else if (unfit !== undefined) reasons.push({ kind: 'declaration changed', details: [unfit] });
    else if (found.result === undefined && found.why === 'damaged')
      reasons.push({ kind: 'output damaged', details: [] });
    else if (found.result === undefined && found.why === 'incomplete')
      reasons.push({ kind: 'output lost', details: [] });
    else if (record?.state === 'done' && record.key === key) reasons.push({ kind: 'result lost', details: [] });

    const previous = record?.trace && readTrace(this.#context.store, record.trace);
    if (previous) reasons.push(...differencesFrom({ node, code, numericClass, inputs, previous }));
    const failed = record?.key === key && record.state !== 'done';
    if (failed) {
      const kind = record.state === 'failed' ? 'failed before' : 'could not run before';
      reasons.push({ kind, details: [record.message ?? ''] });
    }
    if (reasons.length === 0) reasons.push({ kind: 'never built', details: [] });

    const state = failed ? record.state : isComplete || (previous && record.key !== key) ? 'stale' : 'missing';
    return { state, key, inputs, reasons };
  }

  /**
   * The reasons of a decision, and for a pending node what differs already, whatever its inputs will be: for `why`,
   * since it opens the node's last trace.
   */
  explain(node: GraphNode, decision: Decision, outcome: (producer: GraphNode) => Outcome): readonly Reason[] {
    if (decision.state !== 'pending') return decision.reasons;
    const record = this.#context.byName.read(node.name);
    const previous = record?.trace && readTrace(this.#context.store, record.trace);
    if (!previous) return [{ kind: 'never built', details: [] }, ...decision.reasons];
    const inputs: Record<string, (Digest | '')[]> = {};
    for (const { name, handles } of node.inputs) {
      const before = new Map((previous.inputs[name] ?? []).map(({ from, digest }) => [from, digest]));
      inputs[name] = handles.map((handle) => {
        const { node: producer, output } = handle;
        if (producer.kind === 'source') return this.#digestOf(producer, handle.type);
        return outputsOf(outcome(producer))?.[output]?.digest ?? before.get(handleName(handle)) ?? '';
      });
    }
    const code = this.#context.code.get(node.stage)!;
    return [
      ...differencesFrom({ node, code, numericClass: this.#context.numericClass(node), inputs, previous }),
      ...decision.reasons,
    ];
  }

  /** Why a result would not be recorded now: see `misfit`. */
  misfit(node: GraphNode, { outputs }: ActionResult): string | undefined {
    return misfit(node, outputs, this.#context.store, this.#context.checked);
  }

  #digestOf({ path }: SourceFile, { isFolder }: ArtifactType): Digest {
    return isFolder ? this.#folderDigest(path) : this.sourceDigest(path);
  }

  /** Digest of a source folder, taken once, as are those of its files. */
  #folderDigest(path: string): Digest {
    const known = this.#folders.get(path);
    if (known) return known;
    const folder = sourceFolder(this.#context.root, path);
    for (const [file, digest] of Object.entries(folder.files)) this.#sources.set(pathIn(folder, file), digest);
    const digest = folderDigest(folder);
    this.#folders.set(path, digest);
    return digest;
  }

  /** Digest of a source file, taken once: what a run started with is what its keys say, and what its nodes read. */
  sourceDigest(path: string): Digest {
    const known = this.#sources.get(path);
    if (known) return known;
    const absolute = join(this.#context.root, path);
    const stats = statOrUndefined(absolute);
    if (!stats) throw new InputError(`${path}: no such file: a stage reads it`);
    if (!stats.isFile()) throw new InputError(`${path}: not a file: expected a file, since a stage reads it`);
    const digest = fileDigest(absolute);
    this.#sources.set(path, digest);
    return digest;
  }

  /** The results of accepted backends for these inputs, in the order of the backends. */
  #acceptedResults(node: GraphNode, inputs: InputDigests): FreshDecision[] {
    return (this.#context.accepts?.(node) ?? []).flatMap(({ numericClass, code }) => {
      const key = nodeKey(node, { code, numericClass, environment: environmentOf(node) }, inputs);
      const result = this.#usableResult(node, key);
      return result ? [{ state: 'fresh', key, result, reasons: [], accepted: numericClass } as const] : [];
    });
  }

  #usableResult(node: GraphNode, key: Key): ActionResult | undefined {
    const { result } = this.#context.store.lookup(key, Object.keys(node.stage.outputs));
    return result && this.misfit(node, result) === undefined ? result : undefined;
  }

  /** How far a result of a node has come: see `Standing`. */
  #standing(node: GraphNode, outputs: Outputs, outcome: (producer: GraphNode) => Outcome): Standing {
    const { store } = this.#context;
    const without = dependentsToJudgeBy(node).find((dependent) => {
      const inputs = this.inputDigests(dependent, (producer) =>
        producer === node ? complete(outputs) : outcome(producer),
      );
      return inputs !== undefined && !this.#hasResult(dependent, inputs);
    });
    if (without) {
      const isHere = Object.values(outputs).every((blob) => store.verify(blob) === 'intact');
      return { lacks: isHere ? 'dependent' : 'dependent and bytes', dependent: without.name };
    }
    return { lacks: 'nothing' };
  }

  #hasResult(node: GraphNode, inputs: InputDigests): boolean {
    return (
      this.#usableResult(node, this.ownKey(node, inputs)) !== undefined ||
      this.#acceptedResults(node, inputs).length > 0
    );
  }
}

/** By node index, the keys that are known without running anything. */
export function knownKeys(decisions: readonly Decision[]): (Key | undefined)[] {
  return decisions.map((decision) => (decision.state === 'pending' ? undefined : decision.key));
}

/** States of all nodes as things stand, without running anything. */
export function planAll(graph: Graph, scan: Scan, forced?: (node: GraphNode) => boolean): Decision[] {
  return planNodes(graph.nodes, scan, forced) as Decision[];
}

/** The same of some nodes, each after all that it needs: by node index, undefined for the others. */
export function planNodes(
  nodes: Iterable<GraphNode>,
  scan: Scan,
  forced: (node: GraphNode) => boolean = () => false,
): (Decision | undefined)[] {
  const decisions: (Decision | undefined)[] = [];
  const outcome = (producer: GraphNode): Outcome => outcomeOf(decisions[producer.index]);
  for (const node of nodes) decisions[node.index] = scan.decide(node, outcome, forced(node));
  return decisions;
}

/**
 * States as they are if nothing is tried again: a node that could not run here counts as absent, and so does what
 * cannot do without it; the rest is judged by what is there.
 */
export function planSettled(
  graph: Graph,
  scan: Scan,
): { decisions: Decision[]; outcome: (node: GraphNode) => Outcome } {
  const decisions: Decision[] = [];
  const missing = new Set<GraphNode>();
  const outcome = (node: GraphNode): Outcome => (missing.has(node) ? absent : outcomeOf(decisions[node.index]));
  for (const node of graph.nodes) {
    const decision = scan.decide(node, outcome);
    decisions.push(decision);
    const needsAbsent = (): boolean =>
      node.inputs.some(
        ({ arity, handles }) =>
          (arity === 'one' || arity === 'many') &&
          handles.some(({ node: producer }) => producer.kind === 'node' && missing.has(producer)),
      );
    if (decision.state === 'not-run' || (decision.state === 'pending' && needsAbsent())) missing.add(node);
  }
  return { decisions, outcome };
}

function pendingReason(node: GraphNode, outcome: (producer: GraphNode) => Outcome): Reason {
  const waiting = new Set<string>();
  for (const { handles } of node.inputs) {
    for (const { node: producer } of handles) {
      if (producer.kind === 'node' && outcome(producer).state === 'open') waiting.add(producer.name);
      if (waiting.size > 5) return { kind: 'input pending', details: [...waiting, '...'] };
    }
  }
  return { kind: 'input pending', details: [...waiting] };
}
