// @ts-check
/**
 * Bundles every `*.test.ts` below test/ and packages/repro/test/ (or those whose path contains an argument) and runs them with node's test runner.
 * Those of test/gpu need a device of WebGPU: they, and no others, run with --gpu.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions, ownUrls } from '../packages/repro/src/code/bundler.mjs';
import { gpuEnvironment } from './gpu/environment.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const gpu = process.argv.includes('--gpu');
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--') && argument !== '--gpu');
const tests = ['test', 'packages/repro/test']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name).replaceAll('\\', '/'),
    ),
  )
  .filter(
    (path) =>
      path.endsWith('.test.ts') &&
      path.startsWith('test/gpu/') === gpu &&
      (!filters.length || filters.some((filter) => path.includes(filter))),
  )
  .sort();
if (!tests.length) {
  console.error(`no test file matches ${filters.join(' ')}`);
  process.exit(2);
}

const outdir = join(cacheDirectory(root), `test-${process.pid}`);
try {
  const options = commonOptions(root);
  await build({
    ...options,
    plugins: [...(options.plugins ?? []), ownUrls()],
    entryPoints: tests,
    outdir,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    sourcemap: 'inline',
    splitting: false,
  });
} catch (error) {
  for (const { text, location } of /** @type {import('esbuild').BuildFailure} */ (error).errors ?? [
    { text: String(error) },
  ]) {
    console.error(location ? `${location.file}:${location.line}: ${text}` : text);
  }
  rmSync(outdir, { recursive: true, force: true });
  process.exit(1);
}
// Whole paths: from Node 22 on, a relative one is a pattern, which finds nothing below node_modules.
const bundles = tests.map((path) => join(outdir, path.replace(/\.ts$/, '.mjs')));
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...flags, ...bundles], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(gpu && gpuEnvironment()), REPRO_TEST_ROOT: root },
});
rmSync(outdir, { recursive: true, force: true });
process.exit(status ?? 1);
