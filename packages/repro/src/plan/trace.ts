import type { GraphNode, Handle } from '../graph/graph.ts';
import type { StageCode } from '../code/stage-code.ts';
import { keyScheme } from './key.ts';
import type { InputDigests } from './key.ts';

/** The components of a key, stored with the result, so that a later difference can be told in words. */
export interface Trace {
  readonly node: string;
  readonly key: string;
  readonly scheme: number;
  readonly stage: string;
  readonly code: {
    readonly digest: string;
    readonly files: Readonly<Record<string, string>>;
    readonly packages: Readonly<Record<string, string>>;
  };
  readonly params: Readonly<Record<string, unknown>>;
  /** By input name: where each part came from and the digest of its content. */
  readonly inputs: Readonly<Record<string, readonly TracedInput[]>>;
  readonly backend?: string;
  readonly seconds: number;
  /** ISO 8601. */
  readonly finishedAt: string;
}

export interface TracedInput {
  /** `train[m=10].weights` or the path of a source file. */
  readonly from: string;
  /** Null where an input that may be absent was. */
  readonly digest: string | null;
}

export function makeTrace(
  node: GraphNode,
  key: string,
  code: StageCode,
  backend: string | undefined,
  digests: InputDigests,
  seconds: number,
): Trace {
  return {
    node: node.name,
    key,
    scheme: keyScheme,
    stage: node.stage.name,
    code: { digest: code.digest, files: code.files, packages: code.packages },
    params: node.params,
    inputs: tracedInputs(node, digests),
    ...(backend === undefined ? {} : { backend }),
    seconds,
    finishedAt: new Date().toISOString(),
  };
}

export function tracedInputs(node: GraphNode, digests: InputDigests): Record<string, TracedInput[]> {
  return Object.fromEntries(
    node.inputs.map(({ name, handles }) => {
      const digest = digests[name]!;
      const list = digest === null || typeof digest === 'string' ? [digest] : digest;
      return [name, handles.map((handle, i) => ({ from: handleName(handle), digest: list[i] || null }))];
    }),
  );
}

export function handleName({ node, output }: Handle): string {
  return node.kind === 'source' ? node.path : `${node.name}.${output}`;
}
