// @ts-check
/**
 * `node bench/power/run.mjs`: how often each rule passes a true and a false claim at the scale of each set; writes
 * stages/report/power.json. With `--noise STORE REPORTS...`: first measures the noise between master seeds again, from runs of
 * the set ci (REPORTS: their folders, e.g. /tmp/seeds/2/ci), and writes bench/power/noise.json. With `--quick-seeds REPORTS...`:
 * collects the verdicts of runs of quick, that of the published seed first, into bench/power/quick-seeds.json.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entry = process.argv[2] === '--quick-seeds' ? 'bench/power/quick-seeds.ts' : 'bench/power/power.ts';
const outfile = join(cacheDirectory(root), `bench-power-${process.pid}.mjs`);
await build({ ...commonOptions(root), entryPoints: [entry], outfile });
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
