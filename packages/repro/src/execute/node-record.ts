import { join } from 'node:path';
import type { GraphNode } from '../graph/graph.ts';
import type { Outputs } from '../plan/outcome.ts';
import type { BlobReference } from '../store/store.ts';
import type { NodeRecord } from '../store/by-name.ts';

/** A node's outputs with where they lie in the store, for people. */
export function located(node: GraphNode, outputs: Outputs): Record<string, BlobReference & { readonly path: string }> {
  return Object.fromEntries(
    Object.keys(node.stage.outputs).map((output) => [
      output,
      { ...outputs[output]!, path: join('cas', outputs[output]!.digest).replaceAll('\\', '/') },
    ]),
  );
}

/** What a record keeps of the last success when the node then fails: `why` compares with it. */
export function previousOf(record: NodeRecord | undefined): Pick<NodeRecord, 'trace' | 'outputs'> {
  return { ...(record?.trace && { trace: record.trace }), ...(record?.outputs && { outputs: record.outputs }) };
}
