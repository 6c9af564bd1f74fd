// @ts-check
/**
 * Runs where the machine gives little: `node bench/small-machine/run.mjs [disk] [read-only] [files] [memory]` (all, if none
 * is named). Linux, as root.
 *
 * disk: a file system for the store that is full after 40 kB, 80 kB and so on; the run says so in one line, and with more
 * room it ends with the lock of an undisturbed run, and check-store finds the store intact.
 * read-only: verbs that only read work, those that would write say so in one line, and no file changes.
 * files: with 32, 64, 128, 192 and 256 open files a run works or says in one line which limit to raise.
 * memory: in 512 MB, a first run of the repository's quick set, which bundles the code of all its stages, up to its first node.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { rmSync, rmdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../packages/repro/src/code/bundler.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2);
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'repro-small-')));
const root = join(scratch, 'project');
const copy = join(scratch, 'repository');
const store = join(scratch, 'store');
const group = `/sys/fs/cgroup/memory/repro-small-${process.pid}`;
process.on('exit', () => {
  spawnSync('umount', ['-l', store]);
  for (const path of [root, copy]) rmSync(cacheDirectory(path), { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
});
/** @type {string[]} */
const problems = [];

writeProject();
const first = run(['run', '--reports', join(scratch, 'expected')]);
if (first.status !== 0) throw new Error(`the project does not run: ${first.stderr}`);
const expected = lock('expected');
for (const [name, part] of Object.entries({ disk, 'read-only': readOnly, files, memory }))
  if (words.length === 0 || words.includes(name)) await part();
for (const problem of problems) console.log(`PROBLEM: ${problem}`);
console.log(problems.length > 0 ? `${problems.length} problems` : 'one line each, nothing damaged');
process.exitCode = problems.length > 0 ? 1 : 0;

function disk() {
  mkdirSync(store, { recursive: true });
  let stopped = 0;
  let kilobytes = 0;
  for (; ; kilobytes += 40) {
    mount(`size=${kilobytes + 40}k`);
    const { status, stderr, stdout } = run(['run', '--store', store, '--reports', join(scratch, 'reports')]);
    const works = status === 0;
    if (!works) {
      stopped++;
      oneLine(`a disk of ${kilobytes + 40} kB`, stderr + linesOfStacks(stdout), /no space left on the device/);
    }
    mount('remount,size=64m');
    const again = run(['run', '--store', store, '--reports', join(scratch, 'reports')]);
    if (again.status !== 0 || lock('reports') !== expected)
      problems.push(`after a disk of ${kilobytes + 40} kB: ${again.status} ${again.stderr}`);
    const checked = run(['check-store', '--store', store]);
    if (!/all intact/.test(checked.stdout)) problems.push(`after a disk of ${kilobytes + 40} kB: ${checked.stdout}`);
    spawnSync('umount', [store]);
    rmSync(join(scratch, 'reports'), { recursive: true, force: true });
    if (works) break;
  }
  console.log(`disk: ${stopped} disks too small, up to ${kilobytes} kB`);
}

function readOnly() {
  mkdirSync(store, { recursive: true });
  mount('size=64m');
  const options = ['--store', store, '--reports', join(scratch, 'reports')];
  run(['run', ...options]);
  const before = contents();
  mount('remount,ro');
  for (const args of [['status'], ['why', 'total'], ['show', 'total'], ['check-store'], ['store'], ['gc']]) {
    const { status, stderr } = run([...args, '--store', store]);
    if (status !== 0) problems.push(`${args.join(' ')} on a read-only store: ${status} ${stderr}`);
  }
  const nothing = run(['run', ...options]);
  if (nothing.status !== 0) problems.push(`a run with nothing to do on a read-only store: ${nothing.stderr}`);
  const forced = run(['run', '--force', ...options]);
  if (forced.status === 0) problems.push('run --force on a read-only store: it succeeded');
  oneLine('run --force on a read-only store', forced.stderr, /store.*read-only/);
  if (contents() !== before) problems.push('a read-only store changed');
  console.log('read-only: 6 verbs and a run with nothing to do work, a run with something to do is refused');
  spawnSync('umount', [store]);
}

function files() {
  const told = [32, 64, 128, 192, 256].map((limit) => {
    const line = ['-c', `ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath, join(root, 'repro')];
    const { status, stderr } = spawnSync('sh', [...line, 'run', '--force', '--jobs', '4'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) oneLine(`${limit} open files`, stderr, /open files/);
    return `${limit} ${status === 0 ? 'works' : 'is refused'}`;
  });
  const again = run(['run', '--reports', join(scratch, 'reports')]);
  if (again.status !== 0 || lock('reports') !== expected) problems.push(`after few open files: ${again.stderr}`);
  console.log(`files: ${told.join(', ')}`);
}

async function memory() {
  mkdirSync(group);
  writeFileSync(join(group, 'memory.limit_in_bytes'), String(512 * 2 ** 20));
  mkdirSync(copy);
  const packed = spawnSync('git', ['archive', 'HEAD', ':(exclude)reports', ':(exclude)results'], {
    cwd: repository,
    maxBuffer: 2 ** 30,
  });
  spawnSync('tar', ['-x'], { cwd: copy, input: packed.stdout });
  // With a folder of its own for derived code, which is empty.
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(repository, 'node_modules')))
    if (name !== '.cache')
      symlinkSync(realpathSync(join(repository, 'node_modules', name)), join(copy, 'node_modules', name));
  // Once the first node is done, all stages are bundled.
  const line = `echo $$ > ${group}/cgroup.procs; exec "$@"`;
  const args = [
    process.execPath,
    'repro',
    'run',
    '--params',
    'quick',
    '--jobs',
    '1',
    '--log',
    'plain',
    '--store',
    store,
  ];
  const child = spawn('sh', ['-c', line, 'sh', ...args], { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    if (/^done /m.test(stdout)) child.kill('SIGTERM');
  });
  const [status, signal] = await once(child, 'close');
  const peak = Math.round(Number(readFileSync(join(group, 'memory.max_usage_in_bytes'), 'utf8')) / 2 ** 20);
  if (status !== 130 || !/^done /m.test(stdout)) problems.push(`in 512 MB: ${signal ?? status} ${stderr}${stdout}`);
  console.log(`memory: a first run of quick, interrupted after its first node: peak ${peak} MiB`);
  const left = () => readFileSync(join(group, 'cgroup.procs'), 'utf8').trim().split('\n').filter(Boolean);
  for (let tries = 0; left().length > 0 && tries < 50; tries++) await setTimeout(100);
  if (left().length > 0) problems.push(`processes are left: ${left().join(', ')}`);
  else rmdirSync(group);
}

/** @param {readonly string[]} args */
function run(args) {
  return spawnSync(process.execPath, [join(root, 'repro'), ...args], { cwd: root, encoding: 'utf8' });
}

/** @param {string} options */
function mount(options) {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', store], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** @param {string} what @param {string} told @param {RegExp} expectation */
function oneLine(what, told, expectation) {
  const lines = told.trim().split('\n');
  if (lines.length !== 1 || !expectation.test(told) || !told.startsWith('repro: ') || /\bE[A-Z]{3,}\b/.test(told))
    problems.push(`${what}: ${told}`);
}

/** @param {string} stdout */
function linesOfStacks(stdout) {
  return stdout
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

/** @param {string} reports */
function lock(reports) {
  const path = join(scratch, reports, 'quick/lock.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function contents() {
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${statSync(join(store, name)).size} ${statSync(join(store, name)).mtimeMs}`)
    .sort()
    .join('\n');
}

function writeProject() {
  const engine = join(repository, 'packages/repro/src');
  /** @type {Record<string, string>} */
  const project = {
    'package.json': '{"type":"module"}',
    repro: `import { launch } from '${engine}/launch.mjs';\nawait launch(import.meta.url);\n`,
    'params/quick.json': '{}',
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline, defineStage, json, many } from '${engine}/index.ts';
      const Values = json('values', Type.Array(Type.Number()));
      const part = defineStage({ name: 'part', summary: 'numbers', params: Type.Object({ i: Type.Integer() }), labels: ['i'], inputs: {}, outputs: { values: Values } });
      const total = defineStage({ name: 'total', summary: 'their sum', params: Type.Object({}), inputs: { all: many(Values) }, outputs: { values: Values } });
      export default definePipeline({
        name: 'small',
        params: Type.Object({}),
        build: () => ({ files: { 'total.json': total({}, { all: Array.from({ length: 12 }, (_, i) => part({ i }, {}).values) }).values } }),
      });`,
    'stages/part/run.ts': `
      import { writeJson } from '${engine}/runtime.ts';
      export const run = async ({ params, outputs }: any) =>
        writeJson(outputs.values, Array.from({ length: 4000 }, (_, i) => i * params.i));`,
    'stages/total/run.ts': `
      import { readJson, writeJson } from '${engine}/runtime.ts';
      export const run = async ({ inputs, outputs }: any) =>
        writeJson(outputs.values, [inputs.all.flatMap((one: any) => readJson<any>(one)).reduce((sum: number, one: number) => sum + one, 0)]);`,
  };
  for (const [name, text] of Object.entries(project)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
}
