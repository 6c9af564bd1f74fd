import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { asNodeName, keyOfText, sha256 } from '../../src/graph/digest.ts';
import type { NodeName } from '../../src/graph/digest.ts';
import { ByName } from '../../src/store/by-name.ts';
import type { NodeRecord } from '../../src/store/by-name.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let names: ByName;
const [key, otherKey, digest] = [keyOfText('key'), keyOfText('other'), sha256('blob')];
const [train, trainM1, trainM2] = ['train', 'train[m=1]', 'train[m=2]'].map(asNodeName) as [
  NodeName,
  NodeName,
  NodeName,
];
const recordOf = (node: string): NodeRecord => ({
  node: asNodeName(node),
  key,
  state: 'done',
  outputs: { out: { digest, size: 4, path: `cas/${digest}` } },
  trace: { digest, size: 4 },
});
beforeEach(() => {
  directory = temporaryDirectory();
  names = new ByName(directory.path, 'quick');
});
afterEach(() => directory[Symbol.dispose]());

test('a record is read as it was written, also by another process', () => {
  names.write(recordOf('train[m=1]'));
  names.save();
  for (const each of [names, new ByName(directory.path, 'quick')]) {
    assert.deepEqual(each.read(trainM1), recordOf('train[m=1]'));
    assert.ok(each.isCurrent(trainM1, key));
    assert.ok(!each.isCurrent(trainM1, otherKey));
    assert.ok(!each.isCurrent(trainM2, key));
  }
  assert.equal(new ByName(directory.path, 'paper').read(trainM1), undefined);
});

test('what a killed run wrote is known to the next, and what stood in the summary before is not believed', () => {
  names.write(recordOf('train'));
  names.save();
  // Killed before it saved the summary.
  new ByName(directory.path, 'quick').write({ ...recordOf('train'), key: otherKey });
  const next = new ByName(directory.path, 'quick');
  assert.ok(!next.isCurrent(train, key));
  assert.ok(next.isCurrent(train, otherKey));
  next.save();
  assert.ok(new ByName(directory.path, 'quick').isCurrent(train, otherKey));
});

test('only what is done is current', () => {
  names.write({ node: train, key, state: 'failed', message: 'it broke' });
  assert.ok(!names.isCurrent(train, key));
});

test('names that no file may have are told apart all the same', () => {
  const odd = [
    'a/b',
    'a%2fb',
    'a:b',
    'a b',
    '../a',
    'x'.repeat(300),
    `${'x'.repeat(299)}y`,
    'train[m=1]#0123abcd',
    'train[m=1]',
  ];
  for (const name of odd) names.write(recordOf(name));
  for (const name of odd) assert.equal(names.read(asNodeName(name))?.node, name);
  assert.equal(readdirSync(join(directory.path, 'by-name', 'quick')).length, odd.length);
});

test('a record with any one bit changed, or cut anywhere, is one of the right form or none', () => {
  names.write(recordOf('train'));
  const path = join(directory.path, 'by-name', 'quick', 'train.json');
  const text = readFileSync(path, 'utf8');
  const check = (): void => {
    const record = names.read(train);
    if (!record) return;
    for (const blob of [record.trace, ...Object.values(record.outputs ?? {})])
      if (blob) assert.match(blob.digest, /^[0-9a-f]{64}$/);
    assert.ok(['done', 'failed', 'not-run'].includes(record.state));
  };
  for (let at = 0; at < text.length; at++) {
    writeFileSync(path, text.slice(0, at));
    check();
    for (let bit = 0; bit < 7; bit++) {
      writeFileSync(
        path,
        text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1),
      );
      check();
    }
  }
});
