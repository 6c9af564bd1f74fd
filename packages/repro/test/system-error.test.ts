import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readText, writeAtomically } from '../src/store/files.ts';
import { aboutTarget, naming, pathOf, reason, systemLine } from '../src/system-error.mjs';
import { temporaryDirectory } from './temporary-directory.ts';

const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());

const refused = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: words of Node`), { code, ...more });

test('what the system refuses is one line: the path, what it said, what was expected', () => {
  const lines = {
    EACCES: 'a/b: permission denied: expected a place that this user may use',
    EMFILE: 'a/b: the limit of open files is too low: expected a higher one, for example: ulimit -n 1024',
    ENOSPC: 'a/b: no space left on the device: expected more space there, or another place',
    EXDEV: 'a/b: a part of it is on another file system: expected all of it on one',
  };
  for (const [code, line] of Object.entries(lines)) assert.equal(systemLine(refused(code, { path: 'a/b' })), line);
  assert.equal(systemLine(refused('EIO'), 'a/b'), 'a/b: the device reports an error: expected another place');
  assert.equal(reason(refused('EROFS', { path: 'a/b' })), 'read-only file system');
  // What is not the system's stays as it is.
  assert.equal(systemLine(new Error('a plain mistake')), 'a plain mistake');
  assert.equal(systemLine('thrown'), 'thrown');
});

test('an error of the system names the path that the user knows, not a temporary file', () => {
  const temporary = 'out/tmp-12-0123456789ab';
  assert.equal(pathOf(refused('EACCES', { path: temporary })), 'out');
  assert.equal(pathOf(refused('EACCES', { path: temporary, dest: 'out/file' })), 'out/file');
  assert.equal(pathOf(aboutTarget(refused('ENOSPC'), temporary, 'out/file')), 'out/file');
  assert.equal(
    pathOf(aboutTarget(refused('ENOSPC', { path: `${temporary}/cas/1` }), temporary, 'out/file')),
    'out/file',
  );
  // One of the files that are read is at fault itself.
  assert.equal(pathOf(aboutTarget(refused('EIO', { path: 'store/cas/1' }), temporary, 'out/file')), 'store/cas/1');
});

test('reading a directory, and writing in the place of one, name it', () => {
  assert.throws(
    () => naming(directory.path, () => readFileSync(directory.path)),
    (error) => systemLine(error) === `${directory.path}: it is a directory: expected a file`,
  );
  assert.throws(() => readText(directory.path), { path: directory.path });
  const file = join(directory.path, 'file');
  writeFileSync(file, '');
  const below = join(file, 'below');
  assert.throws(
    () => writeAtomically(below, ''),
    (error) => systemLine(error) === `${below}: a part of the path is a file: expected directories up to the last part`,
  );
  assert.deepEqual(readdirSync(directory.path), ['file']);
});
