import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { storeState } from '../../src/store/layout.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('a place that another run makes into a store meanwhile is never taken for something else', async () => {
  using directory = temporaryDirectory();
  const count = 300;
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const path = (i: number): string => join(directory.path, `${i}`);
  const maker = new Worker(
    `const { mkdirSync, writeFileSync } = require('node:fs');
     const { workerData: { paths, turn } } = require('node:worker_threads');
     paths.forEach((path, i) => {
       while (Atomics.load(turn, 0) < i) Atomics.wait(turn, 0, Atomics.load(turn, 0), 1);
       mkdirSync(path);
       writeFileSync(path + '/repro-store.json', '{}');
       for (const part of ['cas', 'ac', 'leases', 'scratch', 'roots', 'tmp', 'logs']) mkdirSync(path + '/' + part);
     });`,
    { eval: true, workerData: { paths: Array.from({ length: count }, (_, i) => path(i)), turn } },
  );
  const over = once(maker, 'exit');
  const found = new Set<string>();
  for (let i = 0; i < count; i++) {
    Atomics.store(turn, 0, i);
    Atomics.notify(turn, 0);
    for (let state = 'none'; state === 'none';) found.add((state = storeState(path(i))));
  }
  await over;
  assert.deepEqual([...found].sort(), ['none', 'store']);
  mkdirSync(path(count));
  writeFileSync(join(path(count), 'thesis.tex'), '');
  assert.equal(storeState(path(count)), 'foreign');
});
