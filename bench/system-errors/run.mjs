// @ts-check
/**
 * Each path that a user can name, in each state in which the system refuses it: `node bench/system-errors/run.mjs [word ...]`.
 * The answer has to be one line that names the path and says in words what was expected, without a stack and without a bare
 * word of the system such as EACCES. Run by root it works as user 65534, since root is refused nothing, and also tries file
 * systems that are full, read-only or others.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2);
const isRoot = process.getuid?.() === 0;
const user = isRoot ? 65_534 : /** @type {number} */ (process.getuid?.());
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'repro-system-errors-')));
/** @type {string[]} */
const mounts = [];
process.on('exit', () => {
  for (const mount of mounts.reverse()) spawnSync('umount', ['-l', mount]);
  spawnSync('chmod', ['-R', 'u+rwX', scratch]);
  rmSync(scratch, { recursive: true, force: true });
});

const files = {
  'package.json': '{"type":"module"}',
  repro: `import { launch } from '${join(repository, 'packages/repro/src/launch.mjs')}';\nawait launch(import.meta.url);\n`,
  'params/quick.json': '{}',
  'data/numbers.txt': '1\n2\n',
  'data/tables/a.csv': 'x\n1\n',
  'pipeline.ts': `
import { claim, defineStage, definePipeline, directory, file, from, json, source, Type, within } from 'repro';
const Numbers = file('numbers', '.txt');
const Sum = json('sum', Type.Object({ sum: Type.Number() }));
const add = defineStage({ name: 'add', summary: 'Adds.', params: Type.Object({}), inputs: { numbers: Numbers, tables: directory('tables') }, outputs: { sum: Sum } });
export default definePipeline({
  name: 'sums', defaultSet: 'quick',
  params: Type.Object({}, { additionalProperties: false }),
  build: () => {
    const { sum } = add({}, { numbers: source('data/numbers.txt', Numbers), tables: source('data/tables', directory('tables')) });
    const lines = claim({ id: 'lines', sentence: 'There are lines.', source: 'here', value: from(sum, 'sum'), rule: within({ low: 0, high: 10 }) });
    return { claims: [lines], files: { 'sum.json': sum } };
  },
});`,
  'stages/add/run.ts': `
import { readFileSync } from 'node:fs';
import { writeJson } from 'repro/runtime';
export const run = async ({ inputs, outputs }) => writeJson(outputs.sum, { sum: readFileSync(inputs.numbers.path ?? inputs.numbers, 'utf8').split('\\n').length });`,
};

const model = join(scratch, 'model');
for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(join(model, name)), { recursive: true });
  writeFileSync(join(model, name), text);
}
// The packages, with a folder of its own for derived code.
mkdirSync(join(model, 'node_modules'));
for (const name of readdirSync(join(repository, 'node_modules')))
  if (name !== '.cache')
    symlinkSync(realpathSync(join(repository, 'node_modules', name)), join(model, 'node_modules', name));
owned(scratch);
const first = run(model, ['run']);
if (first.status !== 0) throw new Error(`the project does not run: ${first.stderr}${first.stdout}`);
run(model, ['export', '../results.tar.gz']);

/** @param {string} path */
function owned(path) {
  if (isRoot) spawnSync('chown', ['-R', `${user}:${user}`, path]);
}
owned(scratch);

/**
 * @param {string} root @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, limit?: string }} [options]
 */
function run(root, args, { cwd = root, env = {}, limit } = {}) {
  const node = [process.execPath, join(root, 'repro'), ...args];
  const [program, ...rest] = limit === undefined ? node : ['sh', '-c', `ulimit ${limit}; exec "$@"`, 'sh', ...node];
  const { status, stdout, stderr, signal } = spawnSync(/** @type {string} */ (program), rest, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: root, TMPDIR: tmpdir(), ...env },
    encoding: 'utf8',
    timeout: 120_000,
    ...(isRoot && { uid: user, gid: user }),
  });
  return { status: signal ?? status, stdout, stderr };
}

/** @param {string} path @param {string} [options] */
function mount(path, options = 'size=300k') {
  mkdirSync(path, { recursive: true });
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `${options},mode=777`, 'tmpfs', path], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  mounts.push(path);
}

/** @param {string} path */
function look(path) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What is wrong with a path. @type {Record<string, (path: string) => void>} */
const states = {
  'may not be read': (path) => {
    if (!existsSync(path)) mkdirSync(path, { recursive: true });
    chmodSync(path, 0);
  },
  'may not be written to': (path) => {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o555);
  },
  'below a file': (path) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(dirname(path)), { recursive: true });
    rmSync(dirname(path), { recursive: true, force: true });
    writeFileSync(dirname(path), '');
  },
  'a file': (path) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'not what is expected');
  },
  'a directory': (path) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
  },
  'not there': (path) => rmSync(path, { recursive: true, force: true }),
  'a link to itself': (path) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(path, path);
  },
  ...(isRoot && {
    full: (/** @type {string} */ path) => {
      mount(path);
      try {
        writeFileSync(join(path, 'filling'), Buffer.alloc(400_000));
      } catch {
        // Full.
      }
    },
    'read-only': (/** @type {string} */ path) => {
      mount(path, 'size=8m');
      spawnSync('mount', ['-o', 'remount,ro', path]);
    },
  }),
};

/**
 * A path of the project, what is called, and in which states it is tried. `named`: what the line has to name, if not the
 * path; `ok`: that it may also work.
 * @typedef {{ path: string, args: readonly string[], states: readonly string[], env?: (path: string) => Record<string, string>,
 *   cwd?: boolean, fresh?: boolean, ok?: boolean, named?: RegExp, before?: (root: string) => void }} Case
 */
const places = [
  'may not be read',
  'may not be written to',
  'below a file',
  'a file',
  'a link to itself',
  'full',
  'read-only',
];
const sources = ['may not be read', 'a directory', 'not there', 'a link to itself', 'below a file'];
const found = ['may not be read', 'a file', 'a link to itself'];
/** @type {Case[]} */
const cases = [
  { path: 'deep/store', args: ['run', '--store', 'deep/store'], states: places },
  {
    path: 'deep/store',
    args: ['status', '--store', 'deep/store'],
    states: ['may not be read', 'below a file', 'a file', 'a link to itself'],
    ok: true,
  },
  { path: 'deep/reports', args: ['run', '--reports', 'deep/reports'], states: places },
  { path: 'artifacts', args: ['run'], states: ['may not be read', 'a file'] },
  ...['cas', 'ac', 'roots', 'repro-store.json'].map((name) => ({
    path: `artifacts/${name}`,
    args: ['run'],
    states: found,
    ok: true,
  })),
  ...['cas', 'ac', 'roots'].map((name) => ({
    path: `artifacts/${name}`,
    args: ['gc'],
    states: ['may not be read', 'a file'],
    ok: true,
  })),
  ...['cas', 'ac'].map((name) => ({
    path: `artifacts/${name}`,
    args: ['run', '--force'],
    states: ['may not be written to'],
  })),
  { path: 'artifacts/cas', args: ['check-store'], states: ['may not be read', 'a file'], ok: true },
  { path: 'artifacts/cas', args: ['store'], states: ['may not be read', 'a file'], ok: true },
  { path: 'reports/quick', args: ['run'], states: ['may not be read', 'a file', 'may not be written to'], ok: true },
  { path: 'reports/quick/lock.json', args: ['run'], states: ['may not be read', 'a directory'], ok: true },
  {
    path: 'reports/quick/lock.json',
    args: ['verify', '--published', 'quick'],
    states: ['may not be read', 'a directory'],
  },
  {
    path: 'reports/quick/sum.json',
    args: ['verify', '--published', 'quick'],
    states: ['may not be read', 'a directory'],
  },
  { path: 'params', args: ['run'], states: ['may not be read', 'not there', 'a file'], ok: true },
  { path: 'params/quick.json', args: ['run'], states: sources, ok: true, named: /quick|params/ },
  { path: 'deep/set.json', args: ['run', '--params', 'deep/set.json'], states: sources },
  { path: 'data/numbers.txt', args: ['run'], states: sources },
  { path: 'data/tables', args: ['run'], states: ['may not be read', 'a file', 'not there', 'a link to itself'] },
  { path: 'data/tables/a.csv', args: ['run'], states: ['may not be read', 'a link to itself'] },
  { path: 'stages/add/run.ts', args: ['run'], states: ['may not be read', 'a directory', 'not there'] },
  { path: 'pipeline.ts', args: ['run'], states: ['may not be read', 'a directory', 'not there', 'a link to itself'] },
  { path: 'package.json', args: ['run'], states: ['may not be read', 'a directory'], ok: true },
  { path: 'package-lock.json', args: ['run', '--force'], states: ['may not be read', 'a directory'], ok: true },
  { path: 'node_modules/.cache', args: ['run'], states: ['may not be read', 'a file'] },
  {
    path: 'deep/out.tar.gz',
    args: ['export', 'deep/out.tar.gz'],
    states: ['a directory', 'below a file', 'a link to itself'],
    ok: true,
  },
  {
    path: 'deep',
    args: ['export', 'deep/out.tar.gz'],
    states: ['may not be read', 'may not be written to', 'full', 'read-only'],
    named: /deep/,
  },
  {
    path: 'deep/in.tar.gz',
    args: ['import', 'deep/in.tar.gz'],
    states: ['may not be read', 'a directory', 'not there', 'a file', 'below a file', 'a link to itself'],
  },
  {
    path: 'deep/remote',
    args: ['run', '--force', '--remote', 'deep/remote'],
    states: ['may not be read', 'a file', 'below a file', 'a link to itself'],
    ok: true,
  },
  {
    path: 'deep/remote',
    args: ['run', '--force', '--push', '--remote', 'deep/remote'],
    states: ['may not be written to', 'full', 'read-only', 'a file'],
    ok: true,
  },
  {
    path: 'deep/out.xml',
    args: ['verify', '--junit', 'deep/out.xml'],
    states: ['may not be read', 'a directory', 'below a file'],
    ok: true,
  },
  {
    path: 'deep/page.html',
    args: ['diff', 'quick', 'quick', '--page', 'deep/page.html'],
    states: ['a directory', 'below a file'],
  },
  {
    path: 'deep/crate',
    args: ['crate', 'quick', 'deep/crate'],
    states: ['may not be written to', 'a file', 'below a file', 'full', 'read-only'],
  },
  {
    path: 'deep/new',
    args: ['init', 'deep/new'],
    states: ['may not be written to', 'a file', 'below a file', 'full', 'read-only'],
  },
  {
    path: 'deep/tmp',
    args: ['run', '--force'],
    states: ['not there', 'a file', 'may not be written to', 'full', 'read-only'],
    env: (path) => ({ TMPDIR: path }),
    ok: true,
  },
  {
    path: 'deep/home',
    args: ['run', '--force'],
    states: ['not there', 'a file', 'may not be read'],
    env: (path) => ({ HOME: path }),
    ok: true,
  },
  { path: 'deep/cwd', args: ['run'], states: ['may not be read'], cwd: true, ok: true },
];

let bad = 0;
let count = 0;
for (const each of cases) {
  for (const state of each.states) {
    const title = `${each.path} ${state}: ${each.args.join(' ')}${each.env ? ` with ${Object.keys(each.env('')).join(', ')}` : ''}`;
    if (!(state in states) || !words.every((word) => title.includes(word))) continue;
    count++;
    const root = join(scratch, 'project');
    cpSync(model, root, { recursive: true, verbatimSymlinks: true });
    if (each.args[0] === 'import') cpSync(join(scratch, 'results.tar.gz'), join(root, 'results.tar.gz'));
    const path = join(root, each.path);
    mkdirSync(dirname(path), { recursive: true });
    if (!look(path) && /\.(json|gz|xml)$/.test(each.path) && !states['a directory']) writeFileSync(path, '{}');
    if (each.path === 'deep/set.json' || each.path === 'deep/in.tar.gz' || each.path === 'package-lock.json')
      writeFileSync(path, '{}');
    owned(root);
    /** @type {(path: string) => void} */ (states[state])(path);
    if (state !== 'read-only' && isRoot) spawnSync('chown', ['-h', `${user}`, path]);
    const { status, stdout, stderr } = run(root, each.args, {
      ...(each.env && { env: each.env(path) }),
      ...(each.cwd && { cwd: path }),
    });
    for (const at of mounts.splice(0)) spawnSync('umount', ['-l', at]);
    spawnSync('chmod', ['-R', 'u+rwX', root]);
    rmSync(root, { recursive: true, force: true });
    const lines = stderr.trim().split('\n').filter(Boolean);
    const failed = status !== 0;
    const text = failed && lines.length === 0 ? stdout.trim().split('\n') : lines;
    const problems = [
      ...(typeof status === 'string' ? [`ended by ${status}`] : []),
      ...(failed || each.ok ? [] : ['it succeeded']),
      ...(lines.length > 1 ? [`${lines.length} lines`] : []),
      ...(failed && text.length === 0 ? ['no word'] : []),
      ...(/\n\s+at /.test(stderr) ? ['a stack'] : []),
      ...(/\bE[A-Z]{3,}\b/.test(stderr + stdout) ? ['a bare word of the system'] : []),
      ...(failed && !text.some((line) => line.includes(each.path.split('/').at(-1) ?? '') || each.named?.test(line))
        ? ['the path is not named']
        : []),
    ];
    if (problems.length > 0) bad++;
    console.log(
      `${problems.length > 0 ? 'BAD ' : 'good'} ${title} -> ${status}${problems.length > 0 ? ` [${problems.join('; ')}]` : ''}`,
    );
    for (const line of text.slice(0, 4)) console.log(`       ${line.replaceAll(root, '.').slice(0, 300)}`);
  }
}
console.log(`${count} cases, ${bad} told badly`);
process.exitCode = bad > 0 ? 1 : 0;
