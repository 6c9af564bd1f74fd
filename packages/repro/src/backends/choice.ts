import type { StageCode } from '../code/stage-code.ts';
import { InputError } from '../errors.ts';
import { asNumericClass } from '../graph/digest.ts';
import type { NumericClass } from '../graph/digest.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import type { BackendExecution, StageDeclaration } from '../graph/stage.ts';
import { didYouMean } from '../nearest.ts';
import { Scan } from '../plan/scan.ts';
import { outcomeOf } from '../plan/outcome.ts';
import type { Outcome } from '../plan/outcome.ts';
import type { Decision, ScanContext } from '../plan/scan.ts';
import { withInputs } from '../select.ts';
import { askProbe } from './probe.ts';

/** The backend of a stage, and how it came to be chosen. */
export interface BackendChoice {
  readonly name: string;
  /** What `auto` found for it to compute on. */
  readonly device?: string;
  /** What `auto` would rather have taken, and why it did not. */
  readonly passedOver: readonly { readonly name: string; readonly because: string }[];
}

/** Nodes that are fresh under the backends chosen, as far as choosing took looking. */
export type KnownNodes = Map<GraphNode, Decision>;

/** Throws an InputError for a backend that no stage has. */
export function checkBackendName(
  option: string,
  name: string,
  stages: Iterable<StageDeclaration>,
  others: readonly string[],
): void {
  const known = new Set([...others, ...[...stages].flatMap(({ backends }) => Object.keys(backends ?? {}))]);
  if (!known.has(name))
    throw new InputError(
      `${option} ${name}: no stage has it${didYouMean(name, known)}: expected ${[...known].join(', ')}`,
    );
}

/**
 * Chooses a backend for every stage that declares some: the one asked for where the stage has it, and otherwise as
 * `auto` does. `auto` takes the first, in the order declared, under which all nodes of the stage are fresh, so that a
 * run with nothing to do looks for no device; and if there is none, the first that is fast here, or else the last.
 */
export async function chooseBackends(
  graph: Graph,
  asked: string,
  context: Omit<ScanContext, 'code' | 'numericClass'>,
  loadCode: (stage: StageDeclaration, backend: string | undefined) => Promise<StageCode>,
): Promise<{ choices: Map<string, BackendChoice>; code: Map<StageDeclaration, StageCode>; known: KnownNodes }> {
  const stages = new Set(graph.nodes.map((node) => node.stage));
  const choices = new Map<string, BackendChoice>();
  const code = new Map<StageDeclaration, StageCode>();
  const known: KnownNodes = new Map();
  const load = async (stage: StageDeclaration, backend: string | undefined): Promise<void> =>
    void code.set(stage, await loadCode(stage, backend));
  await Promise.all([...stages].filter(({ backends }) => !backends).map((stage) => load(stage, undefined)));

  for (const stage of stages) {
    if (!stage.backends) continue;
    const names = Object.keys(stage.backends);
    if (names.includes(asked) || names.length === 1) {
      const name = names.includes(asked) ? asked : names[0]!;
      choices.set(stage.name, { name, passedOver: [] });
      await load(stage, name);
      continue;
    }
    const needed = withInputs(graph.nodes.filter((node) => node.stage === stage));
    const inOrder = graph.nodes.filter((node) => needed.has(node));
    let fresh: KnownNodes | undefined;
    for (const name of names) {
      await load(stage, name);
      choices.set(stage.name, { name, passedOver: [] });
      fresh = freshNodes(inOrder, {
        ...context,
        code,
        known,
        numericClass: (node) => numericClassOf(node.stage, choices),
      });
      if (fresh) break;
    }
    if (!fresh) {
      const choice = await fastest(stage.backends);
      choices.set(stage.name, choice);
      await load(stage, choice.name);
    }
    for (const [node, decision] of fresh ?? []) known.set(node, decision);
  }
  return { choices, code, known };
}

export function numericClassOf(
  stage: StageDeclaration,
  choices: ReadonlyMap<string, BackendChoice>,
): NumericClass | undefined {
  const choice = choices.get(stage.name);
  return choice && asNumericClass(stage.backends![choice.name]!.numericClass);
}

/** The first backend that is fast here, or else the last, which works everywhere. */
async function fastest(backends: Readonly<Record<string, BackendExecution>>): Promise<BackendChoice> {
  const names = Object.keys(backends);
  const passedOver: { name: string; because: string }[] = [];
  for (const name of names.slice(0, -1)) {
    const { probe } = backends[name]!;
    if (!probe) return { name, passedOver };
    const { state, message } = await askProbe(probe);
    if (state === 'fast') return { name, device: message, passedOver };
    passedOver.push({ name, because: message });
  }
  return { name: names.at(-1)!, passedOver };
}

/** The decisions of nodes, in topological order and closed under inputs, if all are fresh; undefined at the first that is not. */
function freshNodes(nodes: readonly GraphNode[], context: ScanContext): KnownNodes | undefined {
  const scan = new Scan(context);
  const fresh: KnownNodes = new Map();
  const outcome = (producer: GraphNode): Outcome => outcomeOf(fresh.get(producer));
  for (const node of nodes) {
    // The code of a stage whose backend is still to be chosen is not known.
    if (!context.code.has(node.stage)) return undefined;
    const decision = scan.decide(node, outcome);
    if (decision.state !== 'fresh') return undefined;
    fresh.set(node, decision);
  }
  return fresh;
}
