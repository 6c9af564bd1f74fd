import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { keyOfText } from '../../src/graph/digest.ts';
import type { Key } from '../../src/graph/digest.ts';
import { ResultIndex } from '../../src/store/result-index.ts';
import { Store } from '../../src/store/store.ts';
import type { ActionResult } from '../../src/store/store.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const keys = ['a', 'b', 'c'].map((text) => keyOfText(text));
const [first] = keys as [Key, Key, Key];
const extensions = { 'x y': '.json', more: '.json' };
/** Longer than the folder is taken to be as it was. */
const moment = 25;
const small = { fewest: 1, tickMilliseconds: 0 };

/** A store with three results, and an index of them. */
async function indexedStore(directory: string): Promise<Map<Key, ActionResult>> {
  const store = new Store(directory);
  const trace = store.write('{}');
  const results = new Map(
    keys.map((key, i) => [key, { outputs: { 'x y': store.write(`${i}`), more: store.write(`${i}${i}`) }, trace }]),
  );
  for (const [key, result] of results) store.record(key, extensions, result);
  store.close();
  await setTimeout(moment);
  const index = new ResultIndex(directory, false, small);
  for (const [key, result] of results) {
    assert.equal(index.get(key), undefined);
    index.add(key, result);
  }
  index.save();
  assert.ok(existsSync(join(directory, 'result-index')));
  return results;
}

/** What nobody does: without a change to the folder, so that it shows whether a file was opened. */
function editInPlace(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}

test('results that an index has are found without opening their files', async () => {
  using directory = temporaryDirectory();
  const results = await indexedStore(directory.path);
  for (const key of keys) editInPlace(join(directory.path, 'ac', key), '');
  const store = new Store(directory.path);
  for (const [key, result] of results) {
    assert.deepEqual(store.lookup(key, ['x y'], true), { result });
    assert.deepEqual(store.knownResult(key), result);
    // For `check-store`, and whoever else has to see the file.
    assert.equal(store.readResult(key), undefined);
  }
});

test('once the folder of results has changed, files are read: before a process starts, within it, and by itself', async (t) => {
  const changes: Record<string, (store: Store, entry: string, other: ActionResult) => void> = {
    replaced: (_, entry) => {
      writeFileSync(`${entry}.new`, readFileSync(entry.replace(first, keys[1]!)));
      renameSync(`${entry}.new`, entry);
    },
    'recorded again by this process': (store, _, other) => store.record(first, extensions, other),
  };
  for (const [what, change] of Object.entries(changes)) {
    await t.test(what, async () => {
      using directory = temporaryDirectory();
      const results = await indexedStore(directory.path);
      const other = results.get(keys[1]!)!;
      const running = new Store(directory.path);
      assert.deepEqual(running.knownResult(first), results.get(first));
      change(running, join(directory.path, 'ac', first), other);
      if (what === 'replaced') await setTimeout(moment);
      for (const store of [running, new Store(directory.path)]) {
        assert.deepEqual(store.lookup(first), { result: other });
        assert.deepEqual(store.knownResult(first), other);
      }
    });
  }
  await t.test('removed', async () => {
    using directory = temporaryDirectory();
    await indexedStore(directory.path);
    const [running, remover] = [new Store(directory.path), new Store(directory.path)];
    for (const store of [running, remover]) assert.ok(store.knownResult(first));
    remover.forgetResult(first);
    assert.equal(remover.knownResult(first), undefined);
    await setTimeout(moment);
    for (const store of [running, new Store(directory.path)])
      assert.deepEqual(store.lookup(first), { result: undefined, why: 'absent' });
  });
});

test('a known result whose blobs are not there is read again', async () => {
  using directory = temporaryDirectory();
  const results = await indexedStore(directory.path);
  const store = new Store(directory.path);
  assert.ok(store.lookup(first).result);
  rmSync(store.blobPath(results.get(first)!.outputs['more']!.digest));
  assert.deepEqual(store.lookup(first), { result: undefined, why: 'incomplete' });
  editInPlace(join(directory.path, 'ac', first), readFileSync(join(directory.path, 'ac', keys[1]!), 'utf8'));
  assert.deepEqual(store.lookup(first), { result: results.get(keys[1]!) });
});

test('an index that was cut off or edited is none', async () => {
  using directory = temporaryDirectory();
  await indexedStore(directory.path);
  const path = join(directory.path, 'result-index');
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 13) {
    const edited = Buffer.from(whole);
    edited[at]! ^= 1;
    for (const bytes of [edited, whole.subarray(0, at)]) {
      writeFileSync(path, bytes);
      assert.equal(new ResultIndex(directory.path, false).get(first), undefined, `byte ${at}`);
    }
  }
  writeFileSync(path, whole);
  assert.ok(new ResultIndex(directory.path, false).get(first));
});

test('no index is written of few results, where nothing may be written, or where a change could go unseen', async () => {
  using directory = temporaryDirectory();
  const results = await indexedStore(directory.path);
  const path = join(directory.path, 'result-index');
  rmSync(path);
  const save = (
    readOnly: boolean,
    options: { fewest?: number; tickMilliseconds?: number },
    meanwhile?: Key,
  ): boolean => {
    const index = new ResultIndex(directory.path, readOnly, options);
    for (const [key, result] of results) {
      assert.equal(index.get(key), undefined);
      index.add(key, result);
    }
    if (meanwhile) new Store(directory.path).record(meanwhile, extensions, results.get(first)!);
    index.save();
    return existsSync(path);
  };
  assert.equal(save(false, { tickMilliseconds: 0 }), false);
  assert.equal(save(true, small), false);
  assert.equal(save(false, { fewest: 1 }), false, 'the folder changed a moment ago');
  assert.equal(save(false, small, keyOfText('meanwhile')), false, 'it changed since the results were read');
  await setTimeout(moment);
  assert.equal(save(false, small), true);
});
