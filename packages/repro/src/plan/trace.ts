import type { CodeDigest, Digest, Key, NodeName, NumericClass } from '../graph/digest.ts';
import type { GraphNode, Handle } from '../graph/graph.ts';
import type { StageCode } from '../code/stage-code.ts';
import { readJsonBlob } from '../store/store.ts';
import type { BlobReference, Store } from '../store/store.ts';
import { keyScheme } from './key.ts';
import type { InputDigests } from './key.ts';

/** The components of a key, stored with the result, so that a later difference can be told in words. */
export interface Trace {
  readonly node: NodeName;
  readonly key: Key;
  readonly scheme: number;
  readonly stage: string;
  readonly code: {
    readonly digest: CodeDigest;
    readonly files: Readonly<Record<string, string>>;
    readonly packages: Readonly<Record<string, string>>;
  };
  readonly params: Readonly<Record<string, unknown>>;
  /** By input name: where each part came from and the digest of its content. */
  readonly inputs: Readonly<Record<string, readonly TracedInput[]>>;
  readonly backend?: NumericClass;
  readonly seconds: number;
  /** ISO 8601. */
  readonly finishedAt: string;
}

export interface TracedInput {
  /** `train[m=10].weights` or the path of a source file. */
  readonly from: string;
  /** Null where an input that may be absent was. */
  readonly digest: Digest | null;
}

/** What a trace is made of besides the node. */
export interface BuildFacts {
  readonly key: Key;
  readonly code: StageCode;
  readonly numericClass: NumericClass | undefined;
  readonly inputs: InputDigests;
  readonly seconds: number;
}

export function makeTrace(node: GraphNode, { key, code, numericClass, inputs, seconds }: BuildFacts): Trace {
  return {
    node: node.name,
    key,
    scheme: keyScheme,
    stage: node.stage.name,
    code: { digest: code.digest, files: code.files, packages: code.packages },
    params: node.params,
    inputs: tracedInputs(node, inputs),
    ...(numericClass === undefined ? {} : { backend: numericClass }),
    seconds,
    finishedAt: new Date().toISOString(),
  };
}

export function tracedInputs(node: GraphNode, digests: InputDigests): Record<string, TracedInput[]> {
  return Object.fromEntries(
    node.inputs.map(({ name, handles }) => {
      const digest = digests[name]!;
      const list: readonly (Digest | '' | null)[] = typeof digest === 'string' || digest === null ? [digest] : digest;
      return [name, handles.map((handle, i) => ({ from: handleName(handle), digest: list[i] || null }))];
    }),
  );
}

export function handleName({ node, output }: Handle): string {
  return node.kind === 'source' ? node.path : `${node.name}.${output}`;
}

/** The trace of a result; undefined if its blob is not there or damaged. */
export function readTrace(store: Pick<Store, 'read'>, reference: BlobReference): Trace | undefined {
  return readJsonBlob(store, reference) as Trace | undefined;
}
