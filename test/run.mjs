// @ts-check
/**
 * Bundles every `*.test.ts` below test/ and packages/repro/test/ (or those whose path contains an argument) and runs
 * them with node's test runner, as many files at once as there are cores, and at least two.
 *
 * --gpu    those of test/gpu, which need a WebGPU device, and no others
 * --browser those of test/browser, which need Chromium, and no others
 * --watch  again whenever a file that they import changes, and then only the tests that it can concern
 * Any other option goes to node: `--test-name-pattern=...`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import { cacheDirectory, commonOptions, ownUrls } from '../packages/repro/src/code/bundler.mjs';
import { gpuEnvironment } from './gpu/environment.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = new Set(['--gpu', '--browser', '--watch']);
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const gpu = process.argv.includes('--gpu');
/** Tests that need more than Node, each kind in a folder of its own. */
const special = ['gpu', 'browser'].map((kind) => ({ folder: `test/${kind}/`, on: process.argv.includes(`--${kind}`) }));
const wanted = special.find(({ on }) => on)?.folder;
const watch = process.argv.includes('--watch');
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--') && !own.has(argument));
const tests = ['test', 'packages/repro/test']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name).replaceAll('\\', '/'),
    ),
  )
  .filter(
    (path) =>
      path.endsWith('.test.ts') &&
      (wanted ? path.startsWith(wanted) : !special.some(({ folder }) => path.startsWith(folder))) &&
      (!filters.length || filters.some((filter) => path.includes(filter))),
  )
  .sort();
if (!tests.length) {
  console.error(`no test file matches ${filters.join(' ')}`);
  process.exit(2);
}

const outdir = join(cacheDirectory(root), `test-${process.pid}`);
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** Path of a bundle -> hash of its text, as last run. @type {Map<string, string>} */
const known = new Map();

/** Writes and runs the bundles that changed. @param {readonly import('esbuild').OutputFile[]} outputs @returns {number} exit code */
function runChanged(outputs) {
  const changed = outputs.filter(({ path, hash }) => known.get(path) !== hash);
  for (const { path, hash, contents } of changed) {
    known.set(path, hash);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  const programs = changed.map(({ path }) => path).filter((path) => path.endsWith('.mjs'));
  if (programs.length === 0) return 0;
  const options = ['--enable-source-maps', '--test', `--test-concurrency=${Math.max(2, availableParallelism())}`];
  const { status } = spawnSync(process.execPath, [...options, ...flags, ...programs], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(gpu && gpuEnvironment()), REPRO_TEST_ROOT: root },
  });
  return status ?? 1;
}

const options = commonOptions(root);
const bundler = await context({
  ...options,
  plugins: [
    ...(options.plugins ?? []),
    ownUrls(),
    {
      name: 'run-tests',
      setup: (build) =>
        build.onEnd(({ errors, outputFiles }) => {
          for (const { text, location } of errors)
            console.error(location ? `${location.file}:${location.line}: ${text}` : text);
          process.exitCode = errors.length ? 1 : runChanged(outputFiles ?? []);
          if (watch) console.log(`watching ${tests.length} test files; Ctrl-C ends`);
        }),
    },
  ],
  entryPoints: tests,
  write: false,
  outdir,
  outbase: root,
  outExtension: { '.js': '.mjs' },
  sourcemap: 'linked',
  sourcesContent: false,
  splitting: false,
});
if (watch) await bundler.watch();
else {
  await bundler.rebuild().catch(() => undefined);
  await bundler.dispose();
}
