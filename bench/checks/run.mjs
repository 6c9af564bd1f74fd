// @ts-check
/**
 * `node bench/checks/run.mjs LOSSES.csv`: the fit of Eq. 8 on a table of losses that is not the project's (columns
 * model_class, model, dataset, m, loss), and of Chinchilla's sizes, beside what is published of them.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(cacheDirectory(root), `bench-checks-${process.pid}.mjs`);
await build({ ...commonOptions(root), entryPoints: ['bench/checks/published-losses.ts'], outfile });
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
