import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { asNodeName, keyOfText, sha256 } from '../../src/graph/digest.ts';
import { ByName } from '../../src/store/by-name.ts';
import type { NodeRecord } from '../../src/store/by-name.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let names: ByName;
const [key, otherKey, digest] = [keyOfText('key'), keyOfText('other'), sha256('blob')];
const recordOf = (node: string): NodeRecord => ({
  node: asNodeName(node),
  key,
  state: 'done',
  outputs: { out: { digest, size: 4 } },
  trace: { digest, size: 4 },
});
beforeEach(() => {
  directory = temporaryDirectory();
  names = new ByName(directory.path);
});
afterEach(() => directory[Symbol.dispose]());

/** The record without the time at which it was written. */
function read(from: ByName, node: string): NodeRecord | undefined {
  const record = from.read(asNodeName(node));
  if (!record) return undefined;
  const { at, ...rest } = record;
  assert.equal(typeof at, 'number');
  return rest;
}

test('a record is read as it was written, also by another process', () => {
  names.write(recordOf('train[m=1]'));
  for (const each of [names, new ByName(directory.path)]) {
    assert.deepEqual(read(each, 'train[m=1]'), recordOf('train[m=1]'));
    assert.ok(each.isCurrent(asNodeName('train[m=1]'), key));
    assert.ok(!each.isCurrent(asNodeName('train[m=1]'), otherKey));
    assert.ok(!each.isCurrent(asNodeName('train[m=2]'), key));
  }
});

test('what a killed run wrote is known to the next, the last record of a node first', () => {
  names.write(recordOf('train'));
  names.save();
  // Killed before it saved.
  new ByName(directory.path).write({ ...recordOf('train'), key: otherKey });
  const next = new ByName(directory.path);
  assert.ok(!next.isCurrent(asNodeName('train'), key));
  assert.ok(next.isCurrent(asNodeName('train'), otherKey));
});

test('only what is done is current', () => {
  names.write({ node: asNodeName('train'), key, state: 'failed', message: 'it broke' });
  assert.ok(!names.isCurrent(asNodeName('train'), key));
});

test('names with overrides are looked up there first, then in the set without them, and written there only', () => {
  names.write(recordOf('train'));
  using other = temporaryDirectory();
  const variant = new ByName(other.path, { fallback: new ByName(directory.path, { readOnly: true }) });
  assert.equal(variant.read(asNodeName('train'))?.key, key);
  assert.ok(!variant.isCurrent(asNodeName('train'), key));
  variant.write({ ...recordOf('train'), key: otherKey });
  assert.equal(variant.read(asNodeName('train'))?.key, otherKey);
  assert.equal(new ByName(directory.path).read(asNodeName('train'))?.key, key);
});

test('a file that is mostly out of date is written anew, and what another run appends meanwhile is kept', () => {
  const other = new ByName(directory.path);
  other.write(recordOf('before'));
  for (let i = 0; i < 300; i++) names.write({ ...recordOf('train'), key: keyOfText(String(i)) });
  names.save();
  assert.ok(readFileSync(path(), 'utf8').split('\n').length < 10);
  other.write(recordOf('after'));
  other.save();
  const next = new ByName(directory.path);
  for (const node of ['before', 'after', 'train']) assert.ok(next.read(asNodeName(node)), node);
});

test('records appended after a line that was cut off are whole', () => {
  names.write(recordOf('a'));
  const text = readFileSync(path(), 'utf8');
  writeFileSync(path(), text.slice(0, -20));
  const next = new ByName(directory.path);
  assert.equal(next.read(asNodeName('a')), undefined);
  next.write(recordOf('b'));
  assert.ok(new ByName(directory.path).read(asNodeName('b')));
});

test('a record with any one bit changed, or cut anywhere, is one of the right form or none', () => {
  names.write(recordOf('train'));
  const text = readFileSync(path(), 'utf8');
  const check = (): void => {
    const record = new ByName(directory.path).read(asNodeName('train'));
    if (!record) return;
    for (const blob of [record.trace, ...Object.values(record.outputs ?? {})])
      if (blob) assert.match(blob.digest, /^[0-9a-f]{64}$/);
    assert.ok(['done', 'failed', 'not-run'].includes(record.state));
  };
  for (let at = 0; at < text.length; at++) {
    writeFileSync(path(), text.slice(0, at));
    check();
    for (let bit = 0; bit < 7; bit++) {
      writeFileSync(
        path(),
        text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1),
      );
      check();
    }
  }
});

function path(): string {
  return join(directory.path, 'names.jsonl');
}
