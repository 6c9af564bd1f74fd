import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { keyOfText, sha256 } from '../../src/graph/digest.ts';
import type { Digest, Key } from '../../src/graph/digest.ts';
import { checkStore } from '../../src/maintenance/check-store.ts';
import { Store } from '../../src/store/store.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => void (directory = temporaryDirectory()));
afterEach(() => directory[Symbol.dispose]());

/** A store in which something happens while its first blob is hashed. */
class BusyStore extends Store {
  meanwhile = (): void => undefined;
  override rehash(digest: Digest): 'intact' | 'damaged' {
    const happen = this.meanwhile;
    this.meanwhile = () => undefined;
    happen();
    return super.rehash(digest);
  }
}

function busyStore(): BusyStore {
  const store = new BusyStore(join(directory.path, 'artifacts'));
  record(store, 'old');
  return store;
}

function record(store: Store, name: string): Key {
  const file = join(directory.path, name);
  writeFileSync(file, name);
  const key = keyOfText(`key of ${name}`);
  store.record(key, { out: '.txt' }, { outputs: { out: store.ingest(file) }, trace: store.write(`trace of ${name}`) });
  return key;
}

test('a result that a run records while blobs are hashed is kept', () => {
  const store = busyStore();
  store.meanwhile = () => void record(store, 'new');
  assert.deepEqual(checkStore(store).faults, []);
  assert.deepEqual(new Set(store.keys()), new Set(['old', 'new'].map((name) => keyOfText(`key of ${name}`))));
});

test('a result whose missing blob is built again while others are hashed is kept', () => {
  const store = busyStore();
  const key = record(store, 'lost');
  rmSync(store.blobPath(sha256('lost')));
  store.meanwhile = () => void record(store, 'lost');
  assert.deepEqual(checkStore(store).faults, []);
  assert.ok(store.readResult(key));
});

test('a result that gc removes while blobs are hashed is no fault', () => {
  const store = busyStore();
  const key = record(store, 'unused');
  store.meanwhile = () => {
    store.forgetResult(key);
    for (const text of ['unused', 'trace of unused']) rmSync(store.blobPath(sha256(text)));
  };
  assert.deepEqual(checkStore(store).faults, []);
});

test('a result whose blob stays missing is forgotten', () => {
  const store = busyStore();
  const key = record(store, 'lost');
  rmSync(store.blobPath(sha256('lost')));
  assert.deepEqual(
    checkStore(store).faults.map(({ path, problem }) => `${path} ${problem}`),
    [`cas/${sha256('lost')} is missing`],
  );
  assert.equal(store.readResult(key), undefined);
});
