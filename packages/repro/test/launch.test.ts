import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { cacheDirectory } from '../src/code/bundler.mjs';
import { sumProject } from './cli/project-fixture.ts';

test('a place for bundles that cannot be written to: one line that names it, exit code 2', async () => {
  const project = sumProject();
  try {
    rmSync(project.path('node_modules'));
    mkdirSync(project.path('node_modules'));
    // A file in the way stops root too.
    writeFileSync(project.path('node_modules/.cache'), '');
    const { code, stdout, stderr } = await project.run('status');
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.ok(stderr.startsWith(`${cacheDirectory(project.root)}: cannot be written to (`), stderr);
    assert.match(stderr, /: expected a directory .*: make it writable, /);
  } finally {
    rmSync(project.path('node_modules'), { recursive: true });
    project.close();
  }
});
