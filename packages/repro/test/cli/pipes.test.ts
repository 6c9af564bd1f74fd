import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { sumProject } from './project-fixture.ts';

/** Runs a program for a reader that goes away at once, as `head` does; its exit code. */
function unread(root: string, ...args: string[]): Promise<number | null> {
  const { NODE_TEST_CONTEXT: _, REPRO_STORE: __, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  child.stderr.destroy();
  return new Promise((resolve) => child.on('close', resolve));
}

/** Calls the command line, or writes files, one after another in one process; the exit codes of calls go to a file. */
const steps = `
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { commandLine } from '$engine/code/command-line.mjs';
const { main } = await import(pathToFileURL(await commandLine(process.cwd())).href);
const codes = [];
for (const [first, ...rest] of JSON.parse(process.argv[2])) {
  if (first === 'write') {
    writeFileSync(...rest);
    continue;
  }
  process.argv = [process.argv[0], 'repro', first, ...rest];
  process.exitCode = undefined;
  await main(process.cwd(), './repro');
  codes.push(process.exitCode ?? 0);
}
writeFileSync('codes.json', JSON.stringify(codes));
process.exitCode = 7;`;

test('whose reader goes away, a run does all its work, and exit codes are what they are otherwise', async () => {
  const project = sumProject({ 'steps.mjs': steps });
  const [claims, sum] = ['params/claims.json', 'stages/sum/run.ts'] as const;
  const before = [claims, sum].map((path) => [path, project.read(path)] as const);
  try {
    assert.equal(await unread(project.root, 'repro', 'run', '--log', 'plain'), 0);
    const calls: [number, ...string[]][] = [
      [0, 'run', '--jobs', '1', '--log', 'json', '--set', 'base=2'],
      [0, 'run', '--jobs', '1', '--log', 'tty', '--set', 'base=3'],
      [0, 'status'],
      [0, 'graph'],
      [0, 'gc'],
      [0, 'check-store'],
      [0, 'check-determinism', '--set', 'base=3'],
      [NaN, 'write', claims, '{"low": 50, "high": 100}'],
      [0, 'run'],
      [1, 'verify'],
      [2, 'run', '--jobs', '0'],
      [NaN, 'write', sum, "export const run = async () => { throw new Error('no'); };"],
      [1, 'run'],
    ];
    const tried = JSON.stringify(calls.map(([, ...args]) => args));
    assert.equal(await unread(project.root, 'steps.mjs', tried), 7, 'it came to its end');
    assert.deepEqual(
      JSON.parse(project.read('codes.json')),
      calls.flatMap(([code]) => (code >= 0 ? [code] : [])),
    );
    for (const [path, text] of before) project.write(path, text);
    for (const set of [[], ['--set', 'base=2'], ['--set', 'base=3']])
      assert.match(
        (await project.run('run', '--log', 'json', ...set)).stdout,
        /"executed":0,"cached":5,/,
        set.join(' '),
      );
  } finally {
    project.close();
  }
});
