import { performance } from 'node:perf_hooks';
import bytes from './peak.wasm';

/** Operations of an iteration of the kernel: twelve vectors, four lanes, a multiplication and an addition. */
const operations = 12 * 4 * 2;

interface PeakKernel {
  readonly multiplyAdd: (iterations: number, factor: number, term: number) => number;
}

let kernel: PeakKernel | undefined;

/** GFLOP/s of the register-resident loop of peak.as.ts on this core: the best of a few bursts within `milliseconds`. */
export function measurePeak(milliseconds: number): number {
  if (!kernel) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
      .exports as unknown as PeakKernel;
    // until the optimising compiler has taken over
    for (let i = 0; i < 100; i++) burst(kernel, 10_000);
  }
  let best = 0;
  const until = performance.now() + milliseconds;
  do best = Math.max(best, burst(kernel, 400_000));
  while (performance.now() < until);
  return best;
}

function burst({ multiplyAdd }: PeakKernel, iterations: number): number {
  const begun = performance.now();
  const end = multiplyAdd(iterations, 0.75, 0.5);
  const seconds = (performance.now() - begun) / 1000;
  if (!Number.isFinite(end)) throw new Error(`the chains end at ${end}: expected a finite sum`);
  return (iterations * operations) / seconds / 1e9;
}
