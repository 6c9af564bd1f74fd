import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { test } from 'node:test';
import { sumProject } from './project-fixture.ts';

test('where standard output is full: one line, exit code 1, and all results are kept', async () => {
  const project = sumProject();
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [project.path('repro'), 'run', '--log', 'plain', '--jobs', '1'],
      {
        cwd: project.root,
        stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
        encoding: 'utf8',
      },
    );
    assert.equal(
      stderr,
      'repro: standard output: no space left on the device: nothing more is printed; what finishes is kept\n',
    );
    assert.equal(status, 1);
    assert.match((await project.run('run', '--log', 'json')).stdout, /"executed":0,"cached":5,/);
  } finally {
    project.close();
  }
});
