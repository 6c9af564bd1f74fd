// @ts-check
/**
 * How jobs are handed out to a cluster that is played: `node bench/cluster/run.mjs [--nodes 100000] [--slots 1000] [--seed 1] [--no-failures]`.
 * Against a real Slurm: packages/repro/test/cluster/real/run.mjs.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const number = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({
  options: { nodes: number, slots: number, seed: number, 'no-failures': { type: 'boolean' } },
});
mkdirSync(cacheDirectory(repository), { recursive: true });
const directory = mkdtempSync(join(cacheDirectory(repository), 'simulate-'));
try {
  const outfile = join(directory, 'simulate.mjs');
  const entryPoints = [fileURLToPath(new URL('simulate.ts', import.meta.url))];
  await build({ ...commonOptions(repository), entryPoints, outfile });
  const { simulate } = await import(pathToFileURL(outfile).href);
  await simulate({
    nodes: Number(values.nodes ?? 100_000),
    slots: Number(values.slots ?? 1000),
    seed: Number(values.seed ?? 1),
    failures: !values['no-failures'],
  });
} finally {
  rmSync(directory, { recursive: true, force: true });
}
