import assert from 'node:assert/strict';
import { Type } from '@sinclair/typebox';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { file } from '../src/graph/artifact.ts';
import { source } from '../src/graph/graph.ts';
import { defineStage } from '../src/graph/stage.ts';
import { planGraph } from '../src/session.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const Text = file('text', '.txt');
const read = defineStage({
  name: 'read',
  summary: '',
  params: Type.Object({}),
  inputs: { text: Text },
  outputs: { out: Text },
});

test('a source that is no file of the project is told as what it is, before anything runs', () => {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'there.txt'), '');
  mkdirSync(join(directory.path, 'folder'));
  const plan = (path: string): unknown =>
    planGraph(
      {
        name: 'sources',
        params: Type.Object({}),
        build: () => ({ files: { out: read({}, { text: source(path, Text) }).out } }),
      },
      directory.path,
      { name: 'one', values: {}, file: 'params/one.json', overrides: [] },
    );
  plan('there.txt');
  const refused = (path: string, message: RegExp): void =>
    assert.throws(() => plan(path), { name: 'InputError', message });
  refused('absent.txt', /^absent\.txt: no such file: read reads it$/);
  refused('folder', /^folder: it is a directory: expected a file, or the type directory\(\.\.\.\): read reads it$/);
  refused(join(directory.path, 'there.txt'), /there\.txt: expected a path below the root of the project/);
  refused('../there.txt', /^\.\.\/there\.txt: expected a path below the root of the project/);
});
