import ort from 'onnxruntime-node';
import { OnnxGraph } from '../../../numerics/language-models/onnx-model.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

export type Weights = ReadonlyMap<string, Float32Array>;

/** A tensor fed to a graph. */
export interface Feed {
  readonly data: Float32Array | BigInt64Array;
  readonly shape: readonly number[];
}
export type Feeds = Readonly<Record<string, Feed>>;

/**
 * Sessions of ONNX Runtime for graphs whose weights change: the CPU is handed the weights with each run, without a copy, so
 * that all layers share a session; a GPU has them uploaded once, when the session for them is made.
 */
export class PartSessions {
  readonly #sessions = new Map<string, { session: ort.InferenceSession; weights: OnnxGraph['weights'] }>();

  /** `threads`: of the CPU provider; 0 for as many as there are cores. */
  constructor(
    private readonly provider: Provider,
    private readonly threads = 0,
    private readonly binding: 'inputs' | 'initializers' = provider === 'cpu' ? 'inputs' : 'initializers',
  ) {}

  /** Calls `use` with a function that runs the graph, which is known by `key`, with these weights. */
  async with<T>(
    key: string,
    graph: () => OnnxGraph,
    weights: Weights,
    use: (run: (feeds: Feeds) => Promise<Record<string, Float32Array>>) => Promise<T>,
  ): Promise<T> {
    if (this.binding === 'inputs') {
      const { session, weights: shapes } = await this.#session(key, graph);
      const constant = Object.fromEntries(
        [...shapes].map(([name, shape]) => [name, { data: weights.get(name)!, shape }]),
      );
      return use((feeds) => runSession(session, { ...constant, ...feeds }));
    }
    const external = [...weights].map(([path, data]) => ({
      path,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    }));
    const session = await this.#create(graph(), external);
    try {
      return await use((feeds) => runSession(session, feeds));
    } finally {
      await session.release();
    }
  }

  async close(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  async #session(
    key: string,
    graph: () => OnnxGraph,
  ): Promise<{ session: ort.InferenceSession; weights: OnnxGraph['weights'] }> {
    const known = this.#sessions.get(key);
    if (known) return known;
    const built = graph();
    const made = { session: await this.#create(built, []), weights: built.weights };
    this.#sessions.set(key, made);
    return made;
  }

  #create(
    graph: OnnxGraph,
    externalData: readonly { path: string; data: Uint8Array }[],
  ): Promise<ort.InferenceSession> {
    return ort.InferenceSession.create(graph.encode(this.binding), {
      executionProviders: [this.provider],
      // the arena keeps what it once took, and is no faster here
      enableCpuMemArena: false,
      intraOpNumThreads: this.threads,
      // threads that wait for each other give way: what they wait for takes milliseconds, and others may want the core
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 3,
      ...(externalData.length ? { externalData } : {}),
    });
  }
}

/** What keeps a provider from computing here, in one line; undefined if nothing does. Tried once, on a sum. */
export async function providerFault(provider: Provider): Promise<string | undefined> {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', 1);
  graph.output('y', graph.apply('Add', [x, x]), 'float32', 1);
  const sessions = new PartSessions(provider, 1, 'inputs');
  try {
    const { y } = await sessions.with(
      'sum',
      () => graph,
      new Map(),
      (run) => run({ x: { data: Float32Array.of(1), shape: [1] } }),
    );
    return y![0] === 2 ? undefined : `1 + 1 = ${y![0]}`;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  } finally {
    await sessions.close();
  }
}

async function runSession(session: ort.InferenceSession, feeds: Feeds): Promise<Record<string, Float32Array>> {
  const tensors = Object.entries(feeds).map(([name, { data, shape }]) => [
    name,
    data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int64', data, shape),
  ]);
  const results = await session.run(Object.fromEntries(tensors) as Record<string, ort.Tensor>);
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]));
}
