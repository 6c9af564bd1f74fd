import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Configuration } from './configurations.ts';

/** A Python that imports PyTorch, and the environment in which its products are fastest. */
export interface Peer {
  readonly python: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly torch: string;
  readonly libraries: readonly string[];
  /** OPENBLAS_CORETYPE, where it was chosen. */
  readonly kernels: string | undefined;
  /** GFLOP/s of a product of square matrices, one thread. */
  readonly productRate: number;
}

const scripts = join(process.cwd(), 'bench/peers');
/** Largest relative error (Frobenius) of a product in single precision that is taken for right. */
const sound = 1e-5;

/**
 * The Python asked for, else the first of the usual ones, that imports PyTorch; undefined if there is none. An OpenBLAS
 * older than the processor falls back to kernels several times too slow, which would flatter us: of its kernels the
 * fastest that multiply correctly are taken.
 */
export function findPeer(asked: string | undefined): Peer | undefined {
  for (const python of asked ? [asked] : ['python3', '/usr/bin/python3', 'python']) {
    const usual = tryEnvironment(python, undefined);
    if (!usual) continue;
    const others = usual.libraries.some((name) => name.includes('openblas')) ? ['Haswell', 'SkylakeX'] : [];
    return [usual, ...others.map((kernels) => tryEnvironment(python, kernels))]
      .filter((peer) => peer !== undefined)
      .reduce((best, peer) => (peer.productRate > 1.05 * best.productRate ? peer : best));
  }
  return undefined;
}

function tryEnvironment(python: string, kernels: string | undefined): Peer | undefined {
  const environment = kernels ? { ...process.env, OPENBLAS_CORETYPE: kernels } : process.env;
  const { status, stdout } = spawnSync(python, [join(scripts, 'product_rate.py')], {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) return undefined;
  const { torch, libraries, gigaflops, deviation } = JSON.parse(stdout) as {
    torch: string;
    libraries: string[];
    gigaflops: number;
    deviation: number;
  };
  return deviation < sound ? { python, environment, torch, libraries, kernels, productRate: gigaflops } : undefined;
}

export function describePeer({ python, torch, libraries, kernels, productRate }: Peer): string {
  const blas = libraries.length ? ` with ${libraries.join(', ')}${kernels ? ` (kernels: ${kernels})` : ''}` : '';
  return `PyTorch ${torch} (${python})${blas}: square product at ${productRate.toFixed(0)} GFLOP/s on one thread`;
}

/** JSON lines of dense_toy_model.py, as they come. Throws an Error with what Python said if it fails. */
export interface PeerRun<Line> {
  readonly next: () => Promise<Line>;
  /** Lets a paced run do its next round. */
  readonly proceed: () => void;
  readonly finish: () => Promise<void>;
}

export function runPeer<Line>(
  { python, environment }: Peer,
  configuration: Configuration,
  options: readonly string[],
): PeerRun<Line> {
  const { n, m, law, gamma, batch, steps, warmup, peakRateW, peakRateB, lossScale } = configuration;
  const model = Object.entries({
    n,
    m,
    gamma,
    batch,
    steps,
    warmup,
    frequencies: law.frequencies,
    alpha: law.alpha,
    scale: law.scale,
    'peak-rate-w': peakRateW,
    'peak-rate-b': peakRateB,
    'loss-scale': lossScale,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  const child = spawn(python, [join(scripts, 'dense_toy_model.py'), ...model, ...options], {
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no exit code'));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failure = async () =>
    new Error(`${python} dense_toy_model.py for ${configuration.name} ended with ${await ended}:\n${complaint.trim()}`);
  return {
    next: async () => {
      const { value, done } = await lines.next();
      if (done) throw await failure();
      return JSON.parse(value) as Line;
    },
    proceed: () => child.stdin.write('\n'),
    finish: async () => {
      child.stdin.end();
      if ((await ended) !== 0) throw await failure();
    },
  };
}
