// @ts-check
/**
 * `node bench/coverage/run.mjs`: how often the stated 95% intervals of exponents contain the exponent that many seeds
 * would have, on curves like the measured ones.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(cacheDirectory(root), `bench-coverage-${process.pid}.mjs`);
await build({ ...commonOptions(root), entryPoints: ['bench/coverage/coverage.ts'], outfile });
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
