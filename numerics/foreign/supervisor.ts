/** What the parent first sends: the bundle, the service in it, and its limit. Values are serialized by node:v8. */
export interface Launch {
  readonly bundle: string;
  readonly service: string;
  readonly start: Uint8Array;
  readonly megabytes: number;
}

export type ToThread =
  | { readonly type: 'question'; readonly value: Uint8Array }
  | { readonly type: 'supplied'; readonly id: number; readonly value: Uint8Array };

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly value: Uint8Array }
  /** Asks for something; `id` comes back with it. */
  | { readonly type: 'wanted'; readonly id: number; readonly value: Uint8Array }
  | { readonly type: 'failed'; readonly name: string; readonly message: string }
  | { readonly type: 'out-of-memory' }
  | { readonly type: 'broken'; readonly message: string };

/**
 * The main thread of the process: it passes messages on, so that it is free to end the process when its parent is gone
 * or when memory outside of the heap grows beyond the limit, whatever the thread that decodes does. JavaScript for
 * `node -e`.
 */
export const supervisor = `
const { Worker } = require('node:worker_threads');
const end = (message) => process.send(message, () => process.exit(1));
process.on('disconnect', () => process.exit(1));
process.once('message', ({ bundle, service, start, megabytes }) => {
  const worker = new Worker(new URL(bundle), {
    workerData: { limitedService: service, start },
    resourceLimits: { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: 32 },
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.on('message', (message) => void process.send(message));
  worker.on('error', ({ code, message }) =>
    end(code === 'ERR_WORKER_OUT_OF_MEMORY' ? { type: 'out-of-memory' } : { type: 'broken', message: String(message) }));
  worker.on('exit', () => end({ type: 'broken', message: 'it left' }));
  process.on('message', (message) => worker.postMessage(message));
  const most = process.memoryUsage.rss() + 2 * 2 ** 20 * megabytes;
  setInterval(() => process.memoryUsage.rss() > most && end({ type: 'out-of-memory' }), 20);
});
`;
