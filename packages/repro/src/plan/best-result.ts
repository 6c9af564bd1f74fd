import type { NumericClass } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import { withInputs } from '../select.ts';
import type { ActionResult } from '../store/store.ts';
import type { Outputs } from './outcome.ts';

/** What there is of the nodes that need a result. */
export type Standing =
  | { readonly lacks: 'nothing' }
  /** `dependent`: the first node that needs it and has no result made of it; and perhaps its bytes are elsewhere. */
  | { readonly lacks: 'dependent' | 'dependent and bytes'; readonly dependent: string };

/** A result that would come first, and was not taken. */
export interface PassedOver {
  /** Of an accepted backend; undefined for the node's own. */
  readonly numericClass: NumericClass | undefined;
  /** The node that needs it and has no result made of it. */
  readonly dependent: string;
}

interface Candidate {
  readonly result: ActionResult;
  readonly accepted?: NumericClass;
}

/**
 * Of the results that may stand for a node, in order of preference: the first that everything made of it is there for;
 * else the first whose bytes are here; else the first. So a training that came with an archive, and was never measured,
 * does not hide the measured one of another backend. The answer depends on the graph and the store alone, not on what was
 * decided before, and it does not change while a run makes what was missing: that makes the result taken the better one.
 */
export function bestResult<C extends Candidate>(
  candidates: readonly C[],
  standing: (outputs: Outputs) => Standing,
): (C & { readonly passedOver?: PassedOver }) | undefined {
  const [first] = candidates;
  if (!first || candidates.length === 1) return first;
  const found = candidates.map(({ result }) => standing(result.outputs));
  const wanted = (['nothing', 'dependent'] as const).find((lacks) => found.some((each) => each.lacks === lacks));
  const at = wanted === undefined ? 0 : found.findIndex(({ lacks }) => lacks === wanted);
  const before = found[0]!;
  if (at === 0 || before.lacks === 'nothing') return first;
  return { ...candidates[at]!, passedOver: { numericClass: first.accepted, dependent: before.dependent } };
}

/** The nodes that need a node and otherwise only what it needs itself: their inputs are known as soon as its own are. */
export function dependentsToJudgeBy(node: GraphNode): readonly GraphNode[] {
  const known = withInputs([node]);
  return node.dependents.filter((dependent) =>
    dependent.inputs.every(({ handles }) =>
      handles.every(({ node: producer }) => producer.kind === 'source' || known.has(producer)),
    ),
  );
}
