// @ts-check
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

/** Bundles the TypeScript of a benchmark and runs it, from the root of the repository. @param {string} entry */
export async function runBundled(entry) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  process.chdir(root);
  const outfile = join(cacheDirectory(root), `bench-${basename(entry, '.ts')}-${process.pid}.mjs`);
  await build({ ...commonOptions(root), entryPoints: [entry], outfile });
  try {
    await import(pathToFileURL(outfile).href);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  } finally {
    rmSync(outfile, { force: true });
  }
}
