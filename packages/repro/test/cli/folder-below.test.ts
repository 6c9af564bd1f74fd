import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { sumProject } from './project-fixture.ts';

test('in a folder below the project, store and reports are those of the project', async () => {
  const project = sumProject();
  try {
    assert.equal((await project.run('run')).code, 0);
    mkdirSync(project.path('below'));
    const below = (...args: string[]): string => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['../repro', ...args], {
        cwd: project.path('below'),
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
      return stdout;
    };
    assert.match(below('run', '--log', 'json'), /"executed":0,"cached":5,/);
    assert.match(below('store'), /^gen +3 /m);
    assert.deepEqual(readdirSync(project.path('below')), []);
    // What is typed is a path from there.
    assert.match(below('run', '--store', 'store', '--log', 'json'), /"executed":5,"cached":0,/);
    assert.deepEqual(readdirSync(project.path('below')), ['store']);
  } finally {
    project.close();
  }
});
