import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { canonicalJson } from '../../src/graph/canonical-json.ts';
import { asNodeName, codeDigestOfText, keyOfText, sha256 } from '../../src/graph/digest.ts';
import type { Digest, Key } from '../../src/graph/digest.ts';
import { checkStore } from '../../src/maintenance/check-store.ts';
import { keyOfTrace, keyScheme } from '../../src/plan/key.ts';
import type { Trace } from '../../src/plan/trace.ts';
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
  const out = store.ingest(file);
  const trace = traceOf(name);
  store.record(trace.key, { out: '.txt' }, { outputs: { out }, trace: store.write(canonicalJson(trace)) });
  return trace.key;
}

function traceOf(name: string): Trace {
  const parts: Omit<Trace, 'key'> = {
    node: asNodeName(`make[i=${name}]`),
    scheme: keyScheme,
    stage: 'make',
    code: { digest: codeDigestOfText('code'), files: {}, packages: {} },
    params: { i: name },
    inputs: { from: [{ from: 'other.out', digest: sha256('other') }], maybe: [], read: [] },
    lists: ['from', 'read'],
    outputs: { out: sha256(name) },
    machine: { processor: 'one', cores: 1, memoryGiB: 1, system: 'linux', node: 'v20' },
    seconds: 1,
    finishedAt: '2026-01-01T00:00:00.000Z',
  };
  return { ...parts, key: keyOfTrace({ ...parts, key: keyOfText('') })! };
}

test('a result that a run records while blobs are hashed is kept', () => {
  const store = busyStore();
  store.meanwhile = () => void record(store, 'new');
  assert.deepEqual(checkStore(store).faults, []);
  assert.deepEqual(new Set(store.keys()), new Set(['old', 'new'].map((name) => traceOf(name).key)));
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
    for (const text of ['unused', canonicalJson(traceOf('unused'))]) rmSync(store.blobPath(sha256(text)));
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

for (const [what, forge] of Object.entries<(store: Store, trace: Trace, key: Key) => void>({
  'under the key of another': (store, trace) => {
    const other = keyOfText('another key');
    const out = { digest: trace.outputs['out']!, size: 6 };
    store.record(other, { out: '.txt' }, { outputs: { out }, trace: store.write(canonicalJson(trace)) });
  },
  'with another parameter in its trace': (store, trace, key) => {
    const out = { digest: trace.outputs['out']!, size: 6 };
    const forged = store.write(canonicalJson({ ...trace, params: { i: 'other' } }));
    store.record(key, { out: '.txt' }, { outputs: { out }, trace: forged });
  },
  'with bytes that its trace does not name': (store, trace, key) => {
    const out = store.write('forged');
    store.record(key, { out: '.txt' }, { outputs: { out }, trace: store.write(canonicalJson(trace)) });
  },
  'with a trace that is none': (store, trace, key) => {
    const out = { digest: trace.outputs['out']!, size: 6 };
    store.record(key, { out: '.txt' }, { outputs: { out }, trace: store.write('{}') });
  },
})) {
  test(`a result ${what} is found and forgotten`, () => {
    const store = busyStore();
    const key = record(store, 'honest');
    forge(store, traceOf('honest'), key);
    const { faults } = checkStore(store);
    assert.equal(faults.length, 1);
    assert.match(faults[0]!.problem, /has (the trace of another key|other outputs than its trace|a trace that cannot)/);
    assert.equal(store.readResult(faults[0]!.path.slice(3) as Key), undefined);
    assert.deepEqual(checkStore(store).faults, []);
  });
}
