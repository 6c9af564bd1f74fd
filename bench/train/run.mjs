// @ts-check
/** `node bench/train/run.mjs [--group quick|small|large] [--steps N]`: time of a training step, one core. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../engine/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(cacheDirectory(root), `bench-train-${process.pid}.mjs`);
await build({ ...commonOptions(root), entryPoints: ['bench/train/step-time.ts'], outfile });
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
