import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, { rmSync } from 'node:fs';
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

const clear = (): void => {
  for (const path of ['artifacts', 'reports']) rmSync(project.path(path), { recursive: true, force: true });
};

test('a disk that is full from any write on: one line, and with room again the run ends as ever', async () => {
  assert.equal((await project.run('run')).code, 0);
  const expected = project.read('reports/quick/lock.json');
  clear();
  const { count } = await withRoomFor(Infinity, () => project.run('run'));
  assert.ok(count > 40, `${count} writes`);
  const points = 6;
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
