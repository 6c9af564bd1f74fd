import type * as Core from '@tensorflow/tfjs-core';

/** The operations of TensorFlow.js, whichever package they come from. */
export type TensorFlow = typeof Core;

export interface LoadedTensorFlow {
  readonly tf: TensorFlow;
  /** `@tensorflow/tfjs-node 4.22.0`. */
  readonly name: string;
  readonly computesOn: 'gpu' | 'cpu';
}

/** What to do where none of the packages is there; a package's script, here the download of libtensorflow, runs only if it is asked for. */
export const howToInstall =
  'npm install --no-save --ignore-scripts=false @tensorflow/tfjs-node-gpu (for CUDA) or @tensorflow/tfjs-node (any processor); without a download of hundreds of MB: npm install --no-save @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm (slow)';

/** In order of preference. The imports are spelled out so that the packages count in the key of what they compute. */
const packages: readonly { readonly name: string; readonly load: () => Promise<TensorFlow> }[] = [
  { name: '@tensorflow/tfjs-node-gpu', load: () => import('@tensorflow/tfjs-node-gpu') },
  { name: '@tensorflow/tfjs-node', load: () => import('@tensorflow/tfjs-node') },
  { name: '@tensorflow/tfjs-backend-wasm', load: loadWebAssembly },
];

export const packageNames = packages.map(({ name }) => name);

/**
 * The first of the packages that is installed, ready to compute; undefined if none is. Throws an Error, which names it,
 * if one is installed and does not load: to go on with a slower one would not be what was asked for.
 */
export async function loadTensorFlow(): Promise<LoadedTensorFlow | undefined> {
  for (const { name, load } of packages) {
    let tf: TensorFlow;
    try {
      tf = commonJs(await load());
      // no banner, and no check of each result for NaN
      tf.enableProdMode();
      await tf.ready();
    } catch (error) {
      if (isAbsent(error, name)) continue;
      throw new Error(`${name} is installed but does not load: ${firstLine(error)}: install it again, or remove it`);
    }
    const { isUsingGpuDevice = false } = tf.backend() as { isUsingGpuDevice?: boolean };
    return { tf, name: `${name} ${tf.version_core}`, computesOn: isUsingGpuDevice ? 'gpu' : 'cpu' };
  }
  return undefined;
}

async function loadWebAssembly(): Promise<TensorFlow> {
  const { setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  const tf = commonJs(await import('@tensorflow/tfjs-core'));
  // its threads gain nothing at these sizes
  setThreadsCount(1);
  tf.enableProdMode();
  await tf.setBackend('wasm');
  return tf;
}

/** Node finds some of the names that a CommonJS package exports, and puts all of them into `default`. */
function commonJs<T extends object>(module: T): T {
  return 'default' in module ? (module.default as T) : module;
}

/** Whether it is the package itself that is not there, rather than a part of it. */
function isAbsent(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
