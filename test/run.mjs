// @ts-check
/**
 * Bundles every `*.test.ts` below test/ and packages/repro/test/ (or those whose path contains an argument) and runs
 * them with node's test runner, one file more at once than there are cores.
 *
 * --gpu    those of test/gpu, which need a WebGPU device, and no others
 * --browser those of test/browser, which need Chromium, and no others
 * --times   and then lists the processor time of each file, with that of the processes that it started (Linux)
 * --watch  again whenever a file that they import changes, and then only the tests that it can concern
 * Any other option goes to node: `--test-name-pattern=...`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { context } from 'esbuild';
import { cacheDirectory, commonOptions, ownUrls } from '../packages/repro/src/code/bundler.mjs';
import { gpuEnvironment } from './gpu/environment.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = new Set(['--gpu', '--browser', '--times', '--watch']);
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const gpu = process.argv.includes('--gpu');
/** Tests that need more than Node, each kind in a folder of its own. */
const special = ['gpu', 'browser'].map((kind) => ({ folder: `test/${kind}/`, on: process.argv.includes(`--${kind}`) }));
const wanted = special.find(({ on }) => on)?.folder;
const times = process.argv.includes('--times');
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

const schedule = join(root, 'test/schedule.mjs');
/** One more than there are cores, since tests wait for disks, timers and other processes. */
const concurrency = Math.max(2, availableParallelism()) + 1;
/** What takes longest, by `--times`, begins first, so that none of it is left alone at the end. */
const longest = [
  'test/language/half',
  'packages/repro/test/package/install',
  'test/language/resume',
  'test/one-file',
  'packages/repro/test/crash/kill',
  'packages/repro/test/cli/maintenance',
];

/** @param {readonly string[]} programs */
function longestFirst(programs) {
  /** @param {string} path */
  const rank = (path) => {
    const at = longest.findIndex((name) => relative(outdir, path).startsWith(name));
    return at < 0 ? longest.length : at;
  };
  return [...programs].sort((a, b) => rank(a) - rank(b));
}

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
  const options = ['--enable-source-maps'];
  if (times) options.push('--import', pathToFileURL(join(root, 'test/times.mjs')).href);
  const timesFile = join(outdir, 'times.jsonl');
  const { status } = spawnSync(
    process.execPath,
    [...options, schedule, String(concurrency), JSON.stringify(flags), ...longestFirst(programs)],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        ...(gpu && gpuEnvironment()),
        ...(times && { REPRO_TEST_TIMES: timesFile }),
        REPRO_TEST_ROOT: root,
      },
    },
  );
  if (existsSync(timesFile)) listTimes(readFileSync(timesFile, 'utf8'));
  return status ?? 1;
}

/** Prints what test/times.mjs wrote, the most expensive file first. @param {string} lines */
function listTimes(lines) {
  const files = lines
    .trim()
    .split('\n')
    .map((line) => /** @type {{ program: string, own: number, children: number, wall: number }} */ (JSON.parse(line)))
    .sort((a, b) => b.own + b.children - (a.own + a.children));
  const total = files.reduce((sum, { own, children }) => sum + own + children, 0);
  console.log(`processor time of ${files.length} files: ${total.toFixed(0)} s`);
  console.log('   all  children   wall  file');
  for (const { program, own, children, wall } of files) {
    const [all, started, lasted] = [own + children, children, wall].map((seconds) => seconds.toFixed(1));
    console.log(
      `${all?.padStart(6)} ${started?.padStart(9)} ${lasted?.padStart(6)}  ${relative(outdir, program).replace(/\.mjs$/, '.ts')}`,
    );
  }
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
