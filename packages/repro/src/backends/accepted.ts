import type { StageCode } from '../code/stage-code.ts';
import { toleranceAcrossBackends } from '../graph/artifact.ts';
import { asNumericClass } from '../graph/digest.ts';
import type { Key } from '../graph/digest.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { StageDeclaration } from '../graph/stage.ts';
import type { AcceptedBackend, ScanContext } from '../plan/scan.ts';
import { readTrace } from '../plan/trace.ts';
import { numericClassOf } from './choice.ts';
import type { BackendChoice } from './choice.ts';

/**
 * Whose results a user accepts besides those of the chosen backends: of `any` other, or of the one named, and only of
 * stages all of whose outputs declare how near builds on other backends come.
 */
export async function acceptedBackends(
  stages: Iterable<StageDeclaration>,
  accepted: string,
  choices: ReadonlyMap<string, BackendChoice>,
  loadCode: (stage: StageDeclaration, backend: string) => Promise<StageCode>,
): Promise<(node: GraphNode) => readonly AcceptedBackend[]> {
  const byStage = new Map<string, AcceptedBackend[]>();
  for (const stage of stages) {
    if (
      !stage.backends ||
      !Object.values(stage.outputs).every(({ determinism }) => toleranceAcrossBackends(determinism))
    )
      continue;
    const own = numericClassOf(stage, choices);
    const others = Object.entries(stage.backends).filter(
      ([name, { numericClass }]) => numericClass !== own && (accepted === 'any' || accepted === name),
    );
    byStage.set(
      stage.name,
      await Promise.all(
        others.map(async ([name, { numericClass }]) => ({
          numericClass: asNumericClass(numericClass),
          code: (await loadCode(stage, name)).digest,
        })),
      ),
    );
  }
  return ({ stage }) => byStage.get(stage.name) ?? [];
}

/** How many results of each stage, by numeric class, are of another backend than the chosen one. `keys`: by node index. */
export function countAccepted(
  { accepts, numericClass, store }: Pick<ScanContext, 'accepts' | 'numericClass' | 'store'>,
  nodes: Iterable<GraphNode>,
  keys: readonly (Key | undefined)[],
): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  if (!accepts) return counts;
  for (const node of nodes) {
    const key = keys[node.index];
    const own = numericClass(node);
    if (key === undefined || own === undefined) continue;
    const result = store.readResult(key);
    const made = result && readTrace(store, result.trace)?.backend;
    if (made === undefined || made === own) continue;
    const ofStage = (counts[node.stage.name] ??= {});
    ofStage[made] = (ofStage[made] ?? 0) + 1;
  }
  return counts;
}
