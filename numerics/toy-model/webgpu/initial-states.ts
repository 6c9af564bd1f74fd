/**
 * States of models before their first step, drawn by threads of their own: so that the device trains while those that
 * come next are drawn, which takes 0.2 to 0.4 us an element of W.
 *
 * A thread loads the bundle that this module is part of, and never goes on to what comes after it.
 */
import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { StreamKey } from '../../random/streams.ts';
import { initialWeights } from '../initial-weights.ts';
import type { InitialBias } from '../initial-weights.ts';
import { initialState } from './state.ts';

export interface BeforeTraining {
  readonly n: number;
  readonly m: number;
  readonly key: StreamKey;
  readonly initialBias: InitialBias;
}

const service = 'toy-model-initial-states';
const mostThreads = 4;
/** Elements of W that are drawn here: in a millisecond, where a thread takes thirty to start. */
const mostHere = 4096;
/** Not spelled as usual: the URL of what runs, which is the bundle, not the source. */
const bundle = import.meta['url'];

function drawn({ n, m, key, initialBias }: BeforeTraining): Float32Array<ArrayBuffer> {
  return initialState({ n, m }, initialWeights(n, m, key, initialBias));
}

if (!isMainThread && workerData === service) {
  const port = parentPort!;
  port.on('message', (model: BeforeTraining) => {
    const state = drawn(model);
    port.postMessage(state, [state.buffer]);
  });
  await new Promise(() => undefined);
}

interface Wanted {
  readonly model: BeforeTraining;
  readonly resolve: (state: Float32Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
}

/** Draws states in the order in which they are asked for. To be closed. */
export class InitialStates {
  readonly #most: number;
  readonly #waiting: Wanted[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Wanted>();

  constructor(threads = Math.max(1, Math.min(mostThreads, availableParallelism() - 1))) {
    this.#most = threads;
  }

  /** Rejects if the thread ends, or when this is closed. */
  draw(model: BeforeTraining): Promise<Float32Array<ArrayBuffer>> {
    if (model.n * model.m <= mostHere) return Promise.resolve(drawn(model));
    const state = new Promise<Float32Array<ArrayBuffer>>((resolve, reject) => {
      this.#waiting.push({ model, resolve, reject });
    });
    this.#next();
    return state;
  }

  async close(): Promise<void> {
    const closed = new Error('initial states are no longer drawn');
    const threads = [...this.#idle, ...this.#busy.keys()];
    for (const { reject } of [...this.#busy.values(), ...this.#waiting.splice(0)]) reject(closed);
    this.#busy.clear();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#busy.size < this.#most) {
      const wanted = this.#waiting.shift()!;
      const thread = this.#idle.pop() ?? this.#start();
      this.#busy.set(thread, wanted);
      thread.postMessage(wanted.model);
    }
  }

  #start(): Worker {
    const thread = new Worker(new URL(bundle), { workerData: service, execArgv: [] });
    thread.on('message', (state: Float32Array<ArrayBuffer>) => {
      const wanted = this.#busy.get(thread);
      this.#busy.delete(thread);
      this.#idle.push(thread);
      wanted?.resolve(state);
      this.#next();
    });
    let ended = new Error('the thread that draws initial weights has ended');
    thread.on('error', (error) => void (ended = error));
    thread.on('exit', () => {
      this.#busy.get(thread)?.reject(ended);
      this.#busy.delete(thread);
      const at = this.#idle.indexOf(thread);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return thread;
  }
}
