import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { CodeDigest, Digest, Key, NodeName, NumericClass } from '../graph/digest.ts';
import { environmentOf } from '../graph/command.ts';
import { variableDigests } from '../graph/variables.ts';
import type { GraphNode, Handle } from '../graph/graph.ts';
import type { StageCode } from '../code/stage-code.ts';
import { isObject } from '../is-object.ts';
import { plural } from '../plural.ts';
import { isArrayOf, isDigest, isRecordOf, isSize, isString, isTime } from '../store/records.ts';
import { readJsonBlob } from '../store/store.ts';
import type { BlobReference, Store } from '../store/store.ts';
import { keyScheme } from './key.ts';
import type { InputDigests } from './key.ts';
import type { Outputs } from './outcome.ts';

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
  /** Names of the inputs whose digests are a list in the key. */
  readonly lists: readonly string[];
  /** By output name, the digest of its content: what `ac` says once more, under a digest of its own. */
  readonly outputs: Readonly<Record<string, Digest>>;
  readonly backend?: NumericClass;
  /** Digest of how a command is called, or of the variables that a stage declares. */
  readonly environment?: string;
  /** Of the environment variables that its stage declares, a digest of each value. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly machine: Machine;
  /** Of a result that was made elsewhere and taken in: where it came from, in the words of who took it in. */
  readonly adopted?: { readonly origin: string; readonly at: string };
  /** Of work. In a batch, its share. */
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

/** Where a node ran. In no key. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** `linux 6.18.0 x64` */
  readonly system: string;
  /** `v20.11.0` */
  readonly node: string;
}

/** `AMD EPYC, 2 cores, 24 GiB; linux 6.18.0 x64; Node v20.11.0` */
export function machineWords({ processor, cores, memoryGiB, system, node }: Machine): string {
  return `${processor}, ${plural(cores, 'core')}, ${memoryGiB} GiB; ${system}; Node ${node}`;
}

let here: Machine | undefined;

export function thisMachine(): Machine {
  return (here ??= {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${process.arch}`,
    node: process.version,
  });
}

export function makeTrace(
  node: GraphNode,
  { key, code, numericClass, inputs, outputs, seconds }: BuildFacts & { readonly outputs: Outputs },
): Trace {
  const environment = environmentOf(node);
  const variables = node.stage.command ? undefined : variableDigests(node.stage);
  return {
    node: node.name,
    key,
    scheme: keyScheme,
    stage: node.stage.name,
    code: { digest: code.digest, files: code.files, packages: code.packages },
    params: node.params,
    inputs: tracedInputs(node, inputs),
    lists: Object.keys(inputs)
      .filter((name) => Array.isArray(inputs[name]))
      .sort(),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { digest }]) => [name, digest])),
    machine: thisMachine(),
    ...(numericClass === undefined ? {} : { backend: numericClass }),
    ...(environment === undefined ? {} : { environment }),
    ...(variables === undefined ? {} : { variables }),
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

/** The trace of a result; undefined if its blob is not there or damaged, or holds none. */
export function readTrace(store: Pick<Store, 'read'>, reference: BlobReference): Trace | undefined {
  const value = readJsonBlob(store, reference);
  return isTrace(value) ? value : undefined;
}

function isTrace(value: unknown): value is Trace {
  if (!isObject(value)) return false;
  const { node, key, scheme, stage, code, params, inputs, lists, outputs, machine, backend, seconds } = value;
  return (
    isString(node) &&
    isDigest(key) &&
    isSize(scheme) &&
    isString(stage) &&
    isObject(code) &&
    isDigest(code['digest']) &&
    isRecordOf(isString, code['files']) &&
    isRecordOf(isString, code['packages']) &&
    isObject(params) &&
    isRecordOf(isTracedInputs, inputs) &&
    isArrayOf(isString, lists) &&
    isRecordOf(isDigest, outputs) &&
    isMachine(machine) &&
    (backend === undefined || isString(backend)) &&
    typeof seconds === 'number' &&
    seconds >= 0 &&
    isTime(value['finishedAt'])
  );
}

function isTracedInputs(value: unknown): value is TracedInput[] {
  return isArrayOf(
    (part): part is TracedInput =>
      isObject(part) && isString(part['from']) && (part['digest'] === null || isDigest(part['digest'])),
    value,
  );
}

function isMachine(value: unknown): value is Machine {
  if (!isObject(value)) return false;
  const { processor, cores, memoryGiB, system, node } = value;
  return [processor, system, node].every(isString) && [cores, memoryGiB].every(isSize);
}
