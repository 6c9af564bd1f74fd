// @ts-check
/**
 * Runs one parameter set of this project, each time from an empty store, under other versions of Node, numbers of jobs,
 * time zones, languages, home folders, masks and working folders, and compares the locks:
 * `node bench/same-lock/run.mjs [--params ci] [--set path=value] [--until STAGE] [--node 20,22,24] [--qemu [PROGRAM]]`.
 * `--only TEXT`: as it is, and the variants whose name holds the text.
 *
 * Other versions of Node come from npm. `--qemu`: also Node for arm64 under this qemu-aarch64, of version 8 or later (Node
 * crashes under that of Debian 12; the one in bookworm-backports works), with the libraries of arm64 (apt install
 * libc6-arm64-cross libstdc++6-arm64-cross). The bundler stays that of this machine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    params: { type: 'string', default: 'ci' },
    until: { type: 'string' },
    node: { type: 'string', default: '20,22,24' },
    set: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    qemu: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'repro-same-lock-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** @typedef {{ name: string, program?: readonly string[], args?: readonly string[], env?: Record<string, string>, umask?: string, cwd?: string }} Variant */

const home = join(scratch, 'another home');
mkdirSync(home);
/** @type {Variant[]} */
const variants = [
  { name: 'as it is' },
  ...['1', '4'].map((jobs) => ({ name: `${jobs} jobs`, args: ['--jobs', jobs] })),
  { name: 'TZ=Pacific/Chatham', env: { TZ: 'Pacific/Chatham' } },
  { name: 'LANG=tr_TR.UTF-8', env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } },
  { name: 'LC_ALL=C', env: { LC_ALL: 'C' } },
  { name: 'another HOME', env: { HOME: home } },
  { name: 'umask 077', umask: '077' },
  { name: 'from /', cwd: '/' },
  ...values.node.split(',').map((version) => ({ name: `Node ${version}`, program: nodeOf(version, 'x64') })),
  ...(values.qemu === undefined ? [] : [{ name: 'Node for arm64', program: [emulated(values.qemu)] }]),
].filter(({ name }, index) => index === 0 || values.only === undefined || name.includes(values.only));

/** @type {string | undefined} */
let first;
let differing = 0;
for (const [index, variant] of variants.entries()) {
  const { name, program = [process.execPath], args = [], env = {}, umask = '022', cwd = root } = variant;
  const place = join(scratch, String(index));
  const call = [
    ...program,
    join(root, 'repro'),
    'run',
    ...(values.until === undefined ? [] : ['--until', values.until]),
    ...values.set.flatMap((each) => ['--set', each]),
    ...['--params', values.params, '--store', join(place, 'store'), '--reports', join(place, 'reports'), ...args],
  ];
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', ...call], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  const seconds = Math.round((Date.now() - started) / 1000);
  const keys = status === 0 ? resultsOf(place) : undefined;
  first ??= keys;
  const word =
    keys === undefined
      ? `failed: ${(stderr || stdout).trim().split('\n').at(-1)}`
      : keys === first
        ? 'same'
        : 'DIFFERS';
  if (word !== 'same') differing++;
  console.log(`${name.padEnd(20)} ${word} (${seconds} s)`);
  rmSync(place, { recursive: true, force: true });
}
console.log(
  differing ? `${differing} of ${variants.length} differ or failed` : `${variants.length} times the same results`,
);
process.exitCode = differing ? 1 : 0;

/** The lock, or with --until what the store recorded: keys, outputs and their digests. @param {string} place */
function resultsOf(place) {
  const lock = join(place, 'reports', values.params, 'lock.json');
  if (existsSync(lock)) return readFileSync(lock, 'utf8');
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'cd "$1" && find roots -name names.jsonl -exec cat {} +', 'sh', join(place, 'store')],
    {
      encoding: 'utf8',
      maxBuffer: 1e9,
    },
  );
  const records = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return JSON.stringify(records.map(({ node, key, outputs }) => [node, key, outputs]).sort());
}

/**
 * A program that is Node for arm64, also for the processes that it starts, which the system could not start by themselves.
 * @param {string} qemu
 */
function emulated(qemu) {
  const [node, preload] = [join(scratch, 'node-arm64'), join(scratch, 'preload.cjs')];
  const bundler = join(root, 'node_modules/@esbuild', `linux-${process.arch}`, 'bin/esbuild');
  writeFileSync(
    preload,
    `process.execPath = ${JSON.stringify(node)};\nprocess.env.ESBUILD_BINARY_PATH ??= ${JSON.stringify(bundler)};\n`,
  );
  const call = [qemu, '-L', '/usr/aarch64-linux-gnu', ...nodeOf('20', 'arm64'), '--require', preload];
  writeFileSync(node, `#!/bin/sh\nexec ${call.map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  return node;
}

/** The program of a version of Node, installed by npm. @param {string} version @param {string} processor @returns {string[]} */
function nodeOf(version, processor) {
  const folder = join(tmpdir(), `repro-node-${version}-${processor}`);
  const program = join(folder, 'node_modules', `node-linux-${processor}`, 'bin', 'node');
  const other = join(folder, 'node_modules', `node-bin-linux-${processor}`, 'bin', 'node');
  if (![program, other].some((path) => existsSync(path))) {
    const installed = `node-linux-${processor}@${version}`;
    spawnSync('npm', ['install', '--no-save', '--force', '--prefix', folder, installed], { stdio: 'inherit' });
  }
  return [existsSync(other) ? other : program];
}
