// @ts-check
/**
 * `node bench/overlap/memory.mjs [--width 8192] [--rows 2048,4096]`: peak memory of measure-head for heads of so many
 * rows, each in a process of its own: rows pass by in runs of 2048, so that memory does not grow with them.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: { width: { type: 'string', default: '8192' }, rows: { type: 'string', default: '2048,4096' } },
});
const outfile = join(cacheDirectory(root), `bench-overlap-memory-${process.pid}.mjs`);
const folder = mkdtempSync(join(tmpdir(), 'bench-overlap-'));
try {
  await build({ ...commonOptions(root), entryPoints: ['bench/overlap/measured-head.ts'], outfile });
  for (const rows of values.rows.split(','))
    execFileSync(process.execPath, [outfile, folder, rows, values.width], { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outfile, { force: true });
}
