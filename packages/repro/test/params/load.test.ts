import assert from 'node:assert/strict';
import { Type } from '@sinclair/typebox';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { InputError } from '../../src/errors.ts';
import { knownSets, loadParameters } from '../../src/params/load.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const schema = Type.Object(
  { seed: Type.Integer(), small: Type.Object({ n: Type.Integer(), m: Type.Array(Type.Integer()), kind: Type.String({ default: 'power' }) }, { additionalProperties: false }) },
  { additionalProperties: false },
);
let directory: ReturnType<typeof temporaryDirectory>;
const write = (name: string, value: unknown): void => writeFileSync(join(directory.path, 'params', `${name}.json`), typeof value === 'string' ? value : JSON.stringify(value));
const load = (name: string, ...overrides: string[]): Readonly<Record<string, unknown>> => loadParameters(directory.path, name, overrides, schema).values;
const refuses = (action: () => unknown, message: RegExp): void => assert.throws(action, (error: Error) => error instanceof InputError && message.test(error.message) && !error.message.includes('\n'));

beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'params'));
  write('base', { $schema: './schema.json', seed: 1, small: { n: 10, m: [1, 2] } });
  write('more', { extends: 'base', small: { m: [1, 2, 3] } });
});
afterEach(() => directory[Symbol.dispose]());

test('a set extends another member by member; lists are replaced; defaults are filled in', () => {
  assert.deepEqual(load('more'), { seed: 1, small: { n: 10, m: [1, 2, 3], kind: 'power' } });
  assert.equal(loadParameters(directory.path, 'more', [], schema).name, 'more');
});

test('a chain of sets extends from the farthest to the nearest', () => {
  write('most', { extends: 'more', seed: 3 });
  assert.deepEqual(load('most'), { seed: 3, small: { n: 10, m: [1, 2, 3], kind: 'power' } });
});

test('overrides are JSON or a bare word, and are remembered as such', () => {
  const set = loadParameters(directory.path, 'base', ['seed=7', 'small.m=[4]', 'small.kind=linear'], schema);
  assert.deepEqual(set.values, { seed: 7, small: { n: 10, m: [4], kind: 'linear' } });
  assert.equal(set.overrides.length > 0, true);
  assert.equal(loadParameters(directory.path, 'base', [], schema).overrides.length, 0);
});

test('mistakes are told in one line with the file or the option, and the nearest name', () => {
  refuses(() => load('bsae'), /^--params bsae: no such parameter set \(did you mean "base"\?\): expected base, more or a \.json file$/);
  refuses(() => load('nowhere.json'), /^nowhere\.json: no such parameter file$/);
  write('bad', '{"seed": 1,\n "small" {}}');
  refuses(() => load('bad'), /^params\/bad\.json:2:10: /);
  write('list', []);
  refuses(() => load('list'), /^params\/list\.json: expected an object of parameters$/);
  write('wrong', { extends: 'base', seed: 'one' });
  refuses(() => load('wrong'), /^params\/wrong\.json: seed = "one": expected an integer$/);
  write('a', { extends: 'b' });
  write('b', { extends: 'a' });
  refuses(() => load('a'), /extends itself/);
  write('orphan', { extends: 'nobody' });
  refuses(() => load('orphan'), /nobody: no such parameter set/);
  refuses(() => load('base', 'seed'), /^--set seed: expected path=value$/);
  refuses(() => load('base', 'smal.n=3'), /^--set smal\.n=3: .*unknown parameter \(did you mean "small"\?\)$/);
  refuses(() => load('base', 'seed.x=3'), /--set seed\.x=3.*seed/);
  refuses(() => load('base', 'seed=x'), /seed = "x": expected an integer$/);
});

test('sets are the JSON files beside the schema and the claims', () => {
  write('schema', {});
  write('claims', {});
  write('claims.schema', {});
  assert.deepEqual(knownSets(directory.path), ['base', 'more']);
});

test('a member named like a method of objects is a parameter like any other', () => {
  refuses(() => load('base', 'constructor=3'), /constructor: unknown parameter/);
  refuses(() => load('base', '__proto__.x=3'), /__proto__/);
});
