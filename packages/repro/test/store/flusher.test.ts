import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Flusher } from '../../src/store/flusher.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** Adds so many files; returns how many of them are known to be flushed. */
function addFiles(flusher: Flusher, directory: string, count: number): () => number {
  let flushed = 0;
  for (let i = 0; i < count; i++) {
    const path = join(directory, `file-${i}`);
    writeFileSync(path, String(i));
    flusher.add(path, () => flushed++);
  }
  return () => flushed;
}

/** A program that notes how it was called, and ends with the given code. */
function puppet(directory: string, code: number): { program: string; calls: () => string[] } {
  const [program, calls] = [join(directory, 'sync'), join(directory, 'calls')];
  writeFileSync(program, `#!/bin/sh\necho "$@" >> '${calls}'\nexit ${code}\n`, { mode: 0o755 });
  return { program, calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []) };
}

const ways = {
  settle: (flusher: Flusher): Promise<void> => flusher.settle(),
  settleSync: async (flusher: Flusher): Promise<void> => flusher.settleSync(),
};

for (const [way, settle] of Object.entries(ways)) {
  test(`${way}: many files are flushed by one call for their file system, few one by one`, async () => {
    using directory = temporaryDirectory();
    const { program, calls } = puppet(directory.path, 0);
    const flusher = new Flusher(program);
    const few = addFiles(flusher, directory.path, 3);
    await settle(flusher);
    assert.equal(few(), 3);
    assert.deepEqual(calls(), []);
    const many = addFiles(flusher, directory.path, 40);
    assert.equal(many(), 0);
    await settle(flusher);
    assert.equal(many(), 40);
    assert.deepEqual(calls(), [`-f -- ${directory.path}`]);
  });

  test(`${way}: where no program flushes file systems, files are flushed one by one`, async () => {
    using directory = temporaryDirectory();
    for (const program of [puppet(directory.path, 1).program, join(directory.path, 'none')]) {
      const flusher = new Flusher(program);
      const flushed = addFiles(flusher, directory.path, 40);
      await settle(flusher);
      assert.equal(flushed(), 40);
    }
  });
}
