// @ts-check
/**
 * `node bench/gpu/run.mjs [--part all|small|large|tiny] [--seconds S] [--share K] [--json]`: times steps of groups of the paper's
 * models on the graphics card, S seconds for all of them; with --check, asks whether the card computes what it should.
 * README.md says more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { gpuEnvironment } from '../../test/gpu/environment.mjs';
import { runBundled } from '../train/bundled.mjs';

const inThisProcess = 'BENCH_GPU_STARTED';
if (process.env[inThisProcess]) {
  await runBundled('bench/gpu/train.ts');
} else {
  // where drivers are is read when a process starts
  const device = existsSync('/dev/nvidiactl') || existsSync('/dev/dri') ? {} : gpuEnvironment();
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, ...device, [inThisProcess]: '1' },
  });
  process.exitCode = status ?? 1;
}
