import type { GraphNode } from '../graph/graph.ts';
import type { Reason } from '../plan/reasons.ts';
import type { NodeState } from '../plan/scan.ts';

/** A node and why it would run. */
export interface Explained {
  readonly node: GraphNode;
  readonly state: NodeState;
  readonly reasons: readonly Reason[];
}

/** Nodes of a stage that are in one state for the same reasons. */
export interface ReasonGroup {
  readonly stage: string;
  readonly state: NodeState;
  /** A phrase for each reason: `parameter changed: steps: 7000 -> 8000`. */
  readonly reasons: readonly string[];
  readonly nodes: readonly GraphNode[];
}

/** In the order in which they first occur. Inputs are named by their stage: each node has inputs of its own. */
export function groupByReason(explained: readonly Explained[], origins: readonly Origin[] = []): ReasonGroup[] {
  const groups = new Map<string, { stage: string; state: NodeState; reasons: readonly string[]; nodes: GraphNode[] }>();
  for (const { node, state, reasons } of explained) {
    const phrases = reasons.map((reason) => phrase(reason, origins));
    const key = [node.stage.name, state, ...phrases].join('\n');
    const group = groups.get(key);
    if (group) group.nodes.push(node);
    else groups.set(key, { stage: node.stage.name, state, reasons: phrases, nodes: [node] });
  }
  return [...groups.values()];
}

/** A change of the parameter set since its last run: `small.training.steps: 7000 -> 8000`. */
export interface Origin {
  readonly path: string;
  /** `7000 -> 8000` */
  readonly change: string;
  /** Whether `--set` made it. */
  readonly isOverride: boolean;
}

/** The changes of a parameter set, by the lines that `changedMembers` gives and the overrides of the call. */
export function originsOf(changes: readonly string[], overrides: readonly string[]): Origin[] {
  const overridden = overrides.map((override) => override.slice(0, override.indexOf('=')));
  return changes.flatMap((line) => {
    const colon = line.indexOf(': ');
    if (colon < 0) return [];
    const path = line.slice(0, colon);
    const isOverride = overridden.some(
      (one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`) || one.startsWith(`${path}.`),
    );
    return [{ path, change: line.slice(colon + 2), isOverride }];
  });
}

function phrase({ kind, details }: Reason, origins: readonly Origin[]): string {
  if (kind === 'input pending') return listed(kind, details.map(stageOf));
  if (kind === 'input changed') {
    const inputs = details.map((line) => {
      const colon = line.indexOf(': ');
      return colon < 0 ? line : `${line.slice(0, colon)} (${stageOf(line.slice(colon + 2))})`;
    });
    return listed(kind, inputs);
  }
  if (kind === 'parameter changed')
    return listed(
      kind,
      details.map((line) => withOrigin(line, origins)),
    );
  return listed(kind, details);
}

/** `steps: 7000 -> 8000` as the parameter set has it: `small.training.steps 7000 -> 8000, --set`. */
function withOrigin(line: string, origins: readonly Origin[]): string {
  const colon = line.indexOf(': ');
  const [path, change] = [line.slice(0, colon), line.slice(colon + 2)];
  const found = origins.filter(
    (origin) => origin.change === change && (origin.path === path || origin.path.endsWith(`.${path}`)),
  );
  return found.length === 1 ? `${found[0]!.path} ${change}${found[0]!.isOverride ? ', --set' : ''}` : line;
}

function listed(kind: string, details: readonly string[]): string {
  const distinct = [...new Set(details)].filter((detail) => detail !== '...');
  if (distinct.length === 0) return kind;
  const shown = distinct.slice(0, 3).join('; ');
  return `${kind}: ${shown}${distinct.length > 3 ? ` and ${distinct.length - 3} more` : ''}`;
}

/** `train` of `train[m=10].weights is new`, or the path of a source file. */
function stageOf(name: string): string {
  return /^[^[\s:#]+\.\w+$/.test(name) ? name : /^[^[.:#\s]*/.exec(name)![0] || name;
}
