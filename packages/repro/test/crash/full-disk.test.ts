import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, { readdirSync, rmSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { after, test } from 'node:test';
import { sumProject } from '../cli/project-fixture.ts';

const project = sumProject();
after(() => project.close());

/** What needs room on a disk. */
const writers = [
  'writeSync',
  'writeFileSync',
  'appendFileSync',
  'mkdirSync',
  'renameSync',
  'copyFileSync',
  'symlinkSync',
  'fsyncSync',
] as const;

/** Counts the writes of `action`; from the one of this number on, the disk is full. */
async function withRoomFor<T>(writes: number, action: () => Promise<T>): Promise<{ result: T; count: number }> {
  let count = 0;
  const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const originals = writers.map((name) => [name, functions[name]!] as const);
  for (const [name, original] of originals) {
    functions[name] = (...args) => {
      const path = typeof args[0] === 'string' ? args[0] : undefined;
      const isOurs = path === undefined ? args[0] !== 1 && args[0] !== 2 : path.startsWith(project.root);
      if (isOurs && count++ >= writes)
        throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), {
          code: 'ENOSPC',
          syscall: 'write',
          ...(path !== undefined && { path }),
        });
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  try {
    return { result: await action(), count };
  } finally {
    for (const [name, original] of originals) functions[name] = original;
    syncBuiltinESMExports();
  }
}

/** Nothing below the folder can be written, as on a file system that is mounted read-only. */
async function withoutWriting(folder: string, action: () => Promise<void>): Promise<void> {
  const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const originals = [...writers, 'accessSync', 'openSync', 'rmSync', 'unlinkSync', 'chmodSync', 'utimesSync'].map(
    (name) => [name, functions[name]!] as const,
  );
  for (const [name, original] of originals) {
    functions[name] = (...args) => {
      const path = String(
        name === 'renameSync' || name === 'copyFileSync' || name === 'symlinkSync' ? args[1] : args[0],
      );
      if (wouldWrite(name, args) && typeof args[0] === 'string' && path.startsWith(folder))
        throw Object.assign(new Error(`EROFS: read-only file system, ${name} '${path}'`), { code: 'EROFS', path });
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  try {
    await action();
  } finally {
    for (const [name, original] of originals) functions[name] = original;
    syncBuiltinESMExports();
  }
}

function wouldWrite(name: string, [path, second]: unknown[]): boolean {
  if (name === 'accessSync') return second === fs.constants.W_OK;
  if (name === 'openSync') return typeof second === 'string' ? /[wa+]/.test(second) : (Number(second ?? 0) & 3) > 0;
  // What is not there is told first.
  return !['rmSync', 'unlinkSync', 'chmodSync', 'utimesSync'].includes(name) || fs.existsSync(String(path));
}

/** Paths and sizes of all files of the store. */
const contents = (): string[] =>
  readdirSync(project.path('artifacts'), { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${statSync(project.path('artifacts', name)).size}`)
    .sort();

const clear = (): void => {
  for (const path of ['artifacts', 'reports']) rmSync(project.path(path), { recursive: true, force: true });
};

test('a disk that is full from any write on: one line, and with room again the run ends as ever', async () => {
  assert.equal((await project.run('run')).code, 0);
  const expected = project.read('reports/quick/lock.json');
  clear();
  const { count } = await withRoomFor(Infinity, () => project.run('run'));
  assert.ok(count > 40, `${count} writes`);
  const points = 4;
  for (let i = 0; i < points; i++) {
    clear();
    const room = Math.floor(((i + Math.random()) / points) * count);
    const { result } = await withRoomFor(room, () => project.run('run', '--log', 'plain'));
    const told = `room for ${room} of ${count} writes: ${result.stderr}${result.stdout}`;
    // The last writes only make the next run faster.
    if (result.code !== 0) {
      assert.match(result.stderr, /^repro: [^\n]*no space left on the device[^\n]*\n$/, told);
      assert.doesNotMatch(result.stdout, /\.m?[tj]s:\d/, told);
    } else assert.equal(result.stderr, '', told);
    const again = await project.run('run');
    assert.equal(again.code, 0, told + again.stderr);
    assert.equal(project.read('reports/quick/lock.json'), expected, told);
  }
  assert.match((await project.run('check-store')).stdout, /all intact/);
});

test('a store that may not be written to: what asks is answered, and what would write says so in one line', async () => {
  clear();
  assert.equal((await project.run('run')).code, 0);
  const before = contents();
  await withoutWriting(project.path('artifacts'), async () => {
    for (const args of [['status'], ['why', 'sum'], ['show', 'sum'], ['graph'], ['verify'], ['check-store']])
      assert.deepEqual([(await project.run(...args)).code, args], [0, args]);
    const nothing = await project.run('run', '--log', 'plain');
    assert.match(nothing.stdout, /0 executed, 5 cached/);
    assert.deepEqual([nothing.code, nothing.stderr], [0, '']);
    for (const args of [
      ['run', '--set', 'base=7'],
      ['run', '--force'],
      ['check-determinism', 'gen[i=0]'],
    ]) {
      const { code, stderr } = await project.run(...args);
      assert.equal(code, 1, args.join(' '));
      assert.match(stderr, /^repro: [^\n]*artifacts[^\n]*: read-only file system[^\n]*\n$/, args.join(' '));
    }
  });
  assert.deepEqual(contents(), before, 'nothing in it changed');
});

/** From the call of one of these functions on whose path matches, the system answers with `code`. */
async function refusing<T>(
  code: string,
  names: readonly string[],
  isRefused: (...args: readonly unknown[]) => boolean,
  action: () => Promise<T>,
): Promise<T> {
  const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const originals = names.map((name) => [name, functions[name]!] as const);
  for (const [name, original] of originals) {
    functions[name] = (...args) => {
      if (!isRefused(...args)) return original(...args);
      // As Node says it: an open file has no path.
      const [path, dest] = args.map((each) => (typeof each === 'string' ? each : undefined));
      const error = Object.assign(new Error(`${code}: words of Node, ${name}`), {
        code,
        syscall: name.replace('Sync', ''),
        ...(path !== undefined && { path }),
        ...(dest !== undefined && { dest }),
      });
      const done = args.at(-1);
      if (typeof done === 'function') return (done as (error: Error) => void)(error);
      throw error;
    };
  }
  syncBuiltinESMExports();
  try {
    return await action();
  } finally {
    for (const [name, original] of originals) functions[name] = original;
    syncBuiltinESMExports();
  }
}

test('what the system refuses a verb is one line that names the verb, the path and what was refused', async () => {
  clear();
  assert.equal((await project.run('run')).code, 0);
  const archive = project.path('results.tar.gz');
  const below = (part: string) => (path: unknown) => typeof path === 'string' && path.startsWith(project.path(part));
  const tried = async (
    line: RegExp,
    ...refusal: [code: string, names: string[], (...args: readonly unknown[]) => boolean, ...verb: string[]]
  ) => {
    const [code, names, isRefused, ...args] = refusal;
    const { code: exit, stderr, stdout } = await refusing(code, names, isRefused, () => project.run(...args));
    assert.deepEqual([exit, stderr.split('\n').length], [1, 2], `${args.join(' ')}, ${code}: ${stderr}`);
    assert.match(stderr, line);
    assert.doesNotMatch(stderr + stdout, /\.m?[tj]s:\d|\bE[A-Z]{3,}\b/);
  };
  // An archive is written by a stream, whose errors name no path.
  const toOpenFile = (fd: unknown) => typeof fd === 'number';
  await tried(
    /^repro: export: .*results\.tar\.gz: no space left on the device: expected/,
    'ENOSPC',
    ['write', 'writev'],
    toOpenFile,
    'export',
    archive,
  );
  await tried(
    /^repro: export: .*folder: no space left on the device: expected/,
    'ENOSPC',
    ['appendFileSync'],
    below('tmp-'),
    'export',
    `${project.path('folder')}/`,
  );
  assert.deepEqual(
    readdirSync(project.root).filter((name) => /^(tmp-|results|folder)/.test(name)),
    [],
    'no litter',
  );
  // A folder for blobs that is mounted from another disk, or a link to one.
  await tried(
    /^repro: store .*artifacts: a part of it is on another file system: the run ended early/,
    'EXDEV',
    ['renameSync'],
    (from, to) => below('artifacts/scratch')(from) && below('artifacts/cas')(to),
    'run',
    '--set',
    'base=8',
  );
  await tried(
    /^repro: store .*artifacts: the limit of open files is too low: the run ended early/,
    'EMFILE',
    ['openSync'],
    below('artifacts/tmp'),
    'run',
    '--set',
    'base=9',
  );
  await tried(
    /^repro: run: .*reports\/quick\/lock\.json: permission denied: expected a place/,
    'EACCES',
    ['openSync'],
    below('reports'),
    'run',
    '--force',
  );
});

test(
  'with 64 open files a run works, or says in one line what it needs',
  { skip: process.platform === 'win32' },
  () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -n 64; exec "$0" repro run --force --jobs 2', process.execPath],
      { cwd: project.root, encoding: 'utf8' },
    );
    assert.ok(status === 0 || /^repro: [^\n]*open files[^\n]*\n$/.test(stderr), `${status}: ${stderr}`);
  },
);
