/** Puts the results of all nodes into the store without running them, through the store's own interface. */
import { join } from 'node:path';
import { canonicalJson } from '../../packages/repro/src/graph/canonical-json.ts';
import type { GraphNode } from '../../packages/repro/src/graph/graph.ts';
import type { PipelineDefinition } from '../../packages/repro/src/pipeline.ts';
import { nodeKey } from '../../packages/repro/src/plan/key.ts';
import { Scan } from '../../packages/repro/src/plan/scan.ts';
import { complete, open } from '../../packages/repro/src/plan/outcome.ts';
import type { Outcome } from '../../packages/repro/src/plan/outcome.ts';
import { openSession } from '../../packages/repro/src/session.ts';

export async function fillStore(pipeline: PipelineDefinition, root: string): Promise<void> {
  const session = await openSession(pipeline, root, {
    params: 'quick',
    set: [],
    store: join(root, 'artifacts'),
    reports: join(root, 'reports'),
    backend: 'auto',
    openStore: 'create',
  });
  const { graph, store, code } = session;
  const scan = new Scan(session);
  const made = new Map<GraphNode, Outcome>();
  const outcome = (node: GraphNode): Outcome => made.get(node) ?? open;
  const trace = store.write('{}');
  const values = new Map<GraphNode, number>();
  for (const node of graph.nodes) {
    const inputs = node.inputs[0]?.handles.map((handle) => values.get(handle.node as GraphNode)!);
    const sum = (inputs ?? []).reduce((total, one) => total + one, 0);
    const value = ((node.params['i'] as number) + 31 * sum) % 1e9;
    values.set(node, value);
    const outputs = { value: store.write(`${canonicalJson(value)}\n`) };
    const key = nodeKey(
      node,
      { code: code.get(node.stage)!.digest, numericClass: undefined },
      scan.inputDigests(node, outcome)!,
    );
    store.record(key, { value: '.json' }, { outputs, trace });
    session.byName.write({ node: node.name, key, state: 'done', outputs, trace });
    made.set(node, complete(outputs));
  }
  session.byName.save();
  session.close();
}
