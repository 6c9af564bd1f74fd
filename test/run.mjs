// @ts-check
/**
 * Bundles every `*.test.ts` below test/ and packages/repro/test/ (or those whose path contains an argument) and runs
 * them with node's test runner: the files of one folder in one process, and one process more at once than there are
 * cores.
 *
 * --gpu    those of test/gpu, which need a WebGPU device, and no others
 * --browser those of test/browser, which need Chromium, and no others
 * --times   and then lists the processor time of each file, with that of the processes that it started (Linux)
 * --watch  again whenever a file that they import changes, and then only the tests that it can concern
 * Any other option goes to node: `--test-name-pattern=...`.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** A folder in memory for the projects that tests make: on a busy disk their flushes take ten times as long. */
const memory = folderInMemory();
if (memory !== undefined) process.once('exit', () => rmSync(memory, { recursive: true, force: true }));

/** Where there is one with 4 GiB to spare that programs may be started in, and TMPDIR does not say otherwise. */
function folderInMemory() {
  if (process.env['TMPDIR'] !== undefined || !existsSync('/dev/shm')) return undefined;
  const { bavail, bsize } = statfsSync('/dev/shm');
  if (bavail * bsize < 4 * 2 ** 30) return undefined;
  const folder = mkdtempSync('/dev/shm/repro-tests-');
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
  const { status } = spawnSync(program);
  rmSync(program);
  if (status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

const outdir = join(cacheDirectory(root), `test-${process.pid}`);
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const schedule = join(root, 'test/schedule.mjs');
/**
 * Files that have a process of their own: what takes long, what starts its process again, and what awaits something at its
 * top level, or imports what does: a suite cannot.
 */
const alone = [
  'test/language/half.test.ts',
  'packages/repro/test/package/install.test.ts',
  'test/pipeline.test.ts',
  'packages/repro/test/crash/kill.test.ts',
  'test/fuzz/readers.test.ts',
  'test/stages/language/fetch-llm/texts.test.ts',
  'test/stages/figures/figures.test.ts',
  'test/stages/language/fetch-llm/head.test.ts',
  'test/stages/language/eval-llm/model-evaluation.test.ts',
  'test/stages/language/fetch-llm/hostile.test.ts',
  'test/stages/language/fetch-llm/failures.test.ts',
  'test/numerics/checkpoints/foreign.test.ts',
  'test/numerics/foreign/json.test.ts',
  'test/numerics/foreign/limited.test.ts',
  'test/numerics/tokenizers/tokenizer.test.ts',
  'test/numerics/toy-model/webgpu.test.ts',
  'test/stages/figures/sets.test.ts',
  'test/docs/commands.test.ts',
  'test/sets.test.ts',
  'packages/repro/test/travel/kill.test.ts',
];

/**
 * File -> the file whose process it shares, in which it comes after it: to compile the programs of training on SwiftShader
 * takes longer than to run them, and to bundle a copy of the project takes as long as many a test of it.
 */
const sharing = new Map([
  ['test/gpu/recovery.test.ts', 'test/gpu/training.test.ts'],
  ['test/language/resume.test.ts', 'test/language/half.test.ts'],
  ['test/variants.test.ts', 'test/pipeline.test.ts'],
  ['test/one-file.test.ts', 'test/pipeline.test.ts'],
]);

/**
 * The processes of the tests: name -> files. A process costs more than most files do, and what files of one folder share
 * is loaded and compiled once, so that the files of a folder are a group, and the small folders together are one. Tests
 * that are watched, or on a device, have a process for each file, but for those in `sharing`.
 */
function groups() {
  /** @type {Map<string, string[]>} */
  const found = new Map(
    alone.filter((path) => tests.includes(path)).map((path) => [path.replace(/\.ts$/, ''), [path]]),
  );
  for (const path of tests.filter((each) => !alone.includes(each) && !sharing.has(each))) {
    const name = watch || wanted ? path.replace(/\.ts$/, '') : groupOf(path);
    found.set(name, [...(found.get(name) ?? []), path]);
  }
  for (const [path, first] of sharing) {
    const name = first.replace(/\.ts$/, '');
    if (tests.includes(path)) found.set(name, [...(found.get(name) ?? []), path]);
  }
  return found;
}

/** @param {string} path */
function groupOf(path) {
  const [, base = '', folder = ''] = /^(test|packages\/repro\/test)\/(?:(.*)\/)?[^/]+$/.exec(path) ?? [];
  const known = large.find((name) => `${base}/${folder}/`.startsWith(`${name}/`));
  return `${known ?? base}.group`;
}

/** Folders whose tests are a group of their own. */
const large = [
  'packages/repro/test/cli',
  'packages/repro/test/execute',
  'packages/repro/test/code',
  'packages/repro/test/cluster',
  'packages/repro/test/travel',
  'packages/repro/test/publish',
  'test/stages',
  'test/numerics',
];

/** The processes that take longest, by `--times`: they begin first, so that none of them is left alone at the end. */
const longest = [
  'test/language/half.test',
  'test/pipeline.test',
  'packages/repro/test.group',
  'packages/repro/test/package/install.test',
  'packages/repro/test/cli.group',
  'test.group',
  'test/stages.group',
  'test/numerics.group',
  'packages/repro/test/execute.group',
  'test/stages/language/fetch-llm/texts.test',
  'test/stages/figures/figures.test',
  'test/stages/language/fetch-llm/head.test',
  'packages/repro/test/travel.group',
];

/**
 * For processes that live for seconds: what V8 spends on optimizing code and on many small collections it does not win
 * back. A fifth of the processor time of all tests. Later versions of Node optimize later by themselves.
 */
const shortLived = [
  '--min-semi-space-size=16',
  '--max-semi-space-size=64',
  '--single-threaded-gc',
  ...(process.version.startsWith('v20.') ? ['--interrupt-budget=600000'] : []),
];

/** One more than there are cores, since tests wait for disks, timers and other processes. */
const concurrency = Math.max(2, availableParallelism()) + 1;

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
  const order = [...new Set([...longest, ...entries.keys()])];
  /** @param {string} path */
  const rank = (path) =>
    order.indexOf(
      relative(outdir, path)
        .replaceAll('\\', '/')
        .replace(/\.mjs$/, ''),
    );
  const programs = changed
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.mjs'))
    .sort((a, b) => rank(a) - rank(b));
  if (programs.length === 0) return 0;
  const options = ['--enable-source-maps'];
  const timesFile = join(outdir, 'times.jsonl');
  const { status } = spawnSync(
    process.execPath,
    [...options, schedule, String(concurrency), JSON.stringify([...shortLived, ...flags]), ...programs],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        ...(gpu && gpuEnvironment()),
        ...(times && { REPRO_TEST_TIMES: timesFile }),
        // Node 20 reads these certificates at each start, which takes longer than all else; only npm asks a registry.
        NODE_EXTRA_CA_CERTS: undefined,
        REPRO_TEST_CERTIFICATES: process.env['NODE_EXTRA_CA_CERTS'],
        REPRO_TEST_ROOT: root,
        REPRO_TEST_MEMORY: memory,
      },
    },
  );
  if (existsSync(timesFile)) listTimes(readFileSync(timesFile, 'utf8'));
  return status ?? 1;
}

/** Prints what test/group.mjs wrote, the most expensive file first. @param {string} lines */
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
    console.log(`${all?.padStart(6)} ${started?.padStart(9)} ${lasted?.padStart(6)}  ${program}`);
  }
}

const entries = groups();

/**
 * A line for each file of a group whose tests would be defined too late, after the suites: those that await something at
 * their top level, or import what does. @param {import('esbuild').OutputFile} output
 */
function waiting({ path, text }) {
  if (!path.endsWith('.group.mjs')) return [];
  return [...text.matchAll(/^ *async "(.*\.test\.ts)"\(\) \{$/gm)].map(
    ([, file]) => `${file}: awaits something at its top level: add it to \`alone\` in test/run.mjs`,
  );
}

/** A line for each name in `longest` and `alone` that is none any more: what it named would begin last. */
function misnamed() {
  if (filters.length || wanted || watch) return [];
  return [
    ...longest
      .filter((name) => !entries.has(name))
      .map((name) => `${name}: no such process: remove it from \`longest\``),
    ...alone.filter((path) => !tests.includes(path)).map((path) => `${path}: no such file: remove it from \`alone\``),
  ];
}

/** A line for each file of which nothing is in a bundle. @param {import('esbuild').Metafile | undefined} metafile */
function lost(metafile) {
  const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs));
  const there = new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path));
  return tests.filter((path) => !there.has(path)).map((path) => `${path}: its tests are in no bundle`);
}

/** The module of a process: of a group, it loads one file after another, each in a suite. @returns {import('esbuild').Plugin} */
function testGroups() {
  return {
    name: 'test-groups',
    setup(build) {
      build.onResolve({ filter: /^test-group:/ }, ({ path }) => ({
        path: path.slice('test-group:'.length),
        namespace: 'test-group',
      }));
      // Whatever the package.json beside a test says of its code, a test is there for what it does.
      build.onResolve({ filter: /^\./, namespace: 'test-group' }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path),
        sideEffects: true,
      }));
      build.onLoad({ filter: /.*/, namespace: 'test-group' }, ({ path }) => {
        const files = (entries.get(path) ?? []).map((file) => [JSON.stringify(file), JSON.stringify(`./${file}`)]);
        const lines = path.endsWith('.group')
          ? [
              "import { testFile } from './test/group.mjs';",
              ...files.map(([name, from]) => `testFile(${name}, () => require(${from}));`),
            ]
          : [
              "import { measureProcess } from './test/group.mjs';",
              ...files.map(([, from]) => `import ${from};`),
              `measureProcess(${JSON.stringify(entries.get(path)?.join(' and '))});`,
            ];
        return { contents: lines.join('\n'), resolveDir: root };
      });
    },
  };
}

const options = commonOptions(root);
const bundler = await context({
  ...options,
  plugins: [
    ...(options.plugins ?? []),
    ownUrls(),
    testGroups(),
    {
      name: 'run-tests',
      setup: (build) =>
        build.onEnd(({ errors, outputFiles, metafile }) => {
          for (const { text, location } of errors)
            console.error(location ? `${location.file}:${location.line}: ${text}` : text);
          const faults = errors.length
            ? []
            : [...(outputFiles ?? []).flatMap(waiting), ...lost(metafile), ...misnamed()];
          for (const fault of faults) console.error(fault);
          process.exitCode = errors.length || faults.length ? 1 : runChanged(outputFiles ?? []);
          if (watch) console.log(`watching ${tests.length} test files; Ctrl-C ends`);
        }),
    },
  ],
  entryPoints: Object.fromEntries([...entries.keys()].map((name) => [name, `test-group:${name}`])),
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
