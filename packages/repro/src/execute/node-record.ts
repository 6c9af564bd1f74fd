import type { NodeRecord } from '../store/by-name.ts';

/** What a record keeps of the last success when the node then fails: `why` compares with it. */
export function previousOf(record: NodeRecord | undefined): Pick<NodeRecord, 'trace' | 'outputs'> {
  return { ...(record?.trace && { trace: record.trace }), ...(record?.outputs && { outputs: record.outputs }) };
}
