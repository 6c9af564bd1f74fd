import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandResult } from '../in-process.ts';
import type { Project } from '../project.ts';
import { sumProject } from './project-fixture.ts';

/** Runs it for a reader that goes away at once, as `head` does. */
async function unread(project: Project, ...args: string[]): Promise<CommandResult> {
  const { child, finished } = project.start(args);
  child.stdout!.destroy();
  child.stderr!.destroy();
  return finished;
}

test('whose reader goes away, a run does all its work, and exit codes are what they are otherwise', async () => {
  const project = sumProject();
  try {
    for (const args of [
      ['run'],
      ['run', '--log', 'json', '--set', 'base=2'],
      ['run', '--log', 'tty', '--set', 'base=3'],
    ]) {
      assert.equal((await unread(project, ...args)).code, 0, args.join(' '));
      assert.match((await project.run(...args, '--log', 'json')).stdout, /"executed":0,"cached":5,/, args.join(' '));
    }
    for (const verb of ['status', 'graph', 'gc', 'check-store', 'check-determinism'])
      assert.equal(
        (await unread(project, verb, ...(verb === 'check-determinism' ? ['--set', 'base=3'] : []))).code,
        0,
        verb,
      );
    project.write('params/claims.json', '{"low": 50, "high": 100}');
    assert.equal((await unread(project, 'run')).code, 0);
    assert.equal((await unread(project, 'verify')).code, 1);
    assert.equal((await unread(project, 'run', '--jobs', '0')).code, 2);
    project.write('stages/sum/run.ts', "export const run = async () => { throw new Error('no'); };");
    assert.equal((await unread(project, 'run')).code, 1);
  } finally {
    project.close();
  }
});
