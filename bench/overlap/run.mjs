// @ts-check
/** `node bench/overlap/run.mjs [--rows 50272] [--width 4096]`: mean square overlap of a random head by its Gram matrix and by all pairs, one core. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(cacheDirectory(root), `bench-overlap-${process.pid}.mjs`);
await build({ ...commonOptions(root), entryPoints: ['bench/overlap/random-head.ts'], outfile });
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
