// @ts-check
/** `node bench/audit/run.mjs [ARCHIVES]`: how often an audit finds one forged result, and how often it should. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(cacheDirectory(root), `bench-audit-${process.pid}.mjs`);
await build({ ...commonOptions(root), entryPoints: ['bench/audit/forged.ts'], outfile });
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
