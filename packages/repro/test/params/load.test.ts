import assert from 'node:assert/strict';
import { Type } from '@sinclair/typebox';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { InputError } from '../../src/errors.ts';
import { knownSets, loadParameters } from '../../src/params/load.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const schema = Type.Object(
  {
    seed: Type.Integer(),
    small: Type.Object(
      { n: Type.Integer(), m: Type.Array(Type.Integer()), kind: Type.String({ default: 'power' }) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
let directory: ReturnType<typeof temporaryDirectory>;
const write = (name: string, value: unknown): void =>
  writeFileSync(
    join(directory.path, 'params', `${name}.json`),
    typeof value === 'string' ? value : JSON.stringify(value),
  );
const load = (name: string, ...overrides: string[]): Readonly<Record<string, unknown>> =>
  loadParameters(directory.path, name, overrides, schema).values;
const refuses = (action: () => unknown, message: RegExp): void =>
  assert.throws(
    action,
    (error: Error) => error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
  );

beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'params'));
  write('base', { $schema: './schema.json', seed: 1, small: { n: 10, m: [1, 2] } });
  write('more', { extends: 'base', small: { m: [1, 2, 3] } });
});
afterEach(() => directory[Symbol.dispose]());

test('the set that needs no file is among those that are expected', () => {
  const defaults = Type.Object({ n: Type.Integer({ default: 1 }) });
  assert.deepEqual(loadParameters(directory.path, 'default', [], defaults).values, { n: 1 });
  refuses(
    () => loadParameters(directory.path, 'defualt', [], defaults),
    /no such parameter set \(did you mean "default"\?\): expected default, base, more or a \.json file$/,
  );
  refuses(() => load('defualt'), /no such parameter set: expected base, more or a \.json file$/);
});

test('a file in params/ that can name no set is refused by its name, and not taken for absent', () => {
  for (const name of ['base+more', 'my set', '.hidden']) {
    write(name, { extends: 'base' });
    refuses(() => load(name), /^params\/(base\+more|my set|\.hidden)\.json: cannot name a parameter set, nor the dir/);
  }
});

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
  refuses(
    () => load('bsae'),
    /^--params bsae: no such parameter set \(did you mean "base"\?\): expected base, more or a \.json file$/,
  );
  refuses(() => load('nowhere.json'), /^nowhere\.json: no such parameter file: expected a JSON file of parameters$/);
  write('bad', '{"seed": 1,\n "small" {}}');
  refuses(() => load('bad'), /^params\/bad\.json:2:10: /);
  write('list', []);
  refuses(() => load('list'), /^params\/list\.json: expected an object of parameters$/);
  write('wrong', { extends: 'base', seed: 'one' });
  refuses(() => load('wrong'), /^params\/wrong\.json: seed = "one": expected an integer$/);
  write('a', { extends: 'b' });
  write('b', { extends: 'a' });
  refuses(() => load('a'), /expected no circle$/);
  write('orphan', { extends: 'nobody' });
  refuses(() => load('orphan'), /nobody: no such parameter set/);
  refuses(() => load('base', 'seed'), /^--set seed: expected path=value, such as size=500$/);
  refuses(() => load('base', 'smal.n=3'), /^--set smal\.n=3: .*unknown parameter \(did you mean "small"\?\)$/);
  refuses(() => load('base', 'seed.x=3'), /--set seed\.x=3.*seed/);
  refuses(() => load('base', 'seed=x'), /seed = "x": expected an integer$/);
});

test('what is no parameter file is told as what it is', () => {
  mkdirSync(join(directory.path, 'directory.json'));
  refuses(() => load(join(directory.path, 'directory.json')), /it is a directory: expected a JSON file/);
  refuses(() => load(directory.path), /it is a directory: expected the name of a set in params\/ \(base, more\)/);
  write('loop', { extends: 'loop' });
  refuses(() => load('loop'), /^params\/loop\.json: extends itself: expected another set$/);
  write('a', { extends: 'b' });
  write('b', { extends: 'a' });
  refuses(() => load('a'), /^params\/a\.json extends params\/b\.json extends params\/a\.json: expected no circle$/);
  symlinkSync('round.json', join(directory.path, 'round.json'));
  refuses(
    () => load(join(directory.path, 'round.json')),
    /round\.json: a symbolic link that leads to itself: expected/,
  );
  refuses(() => load(`${'a'.repeat(300)}.json`), /a\.json: the name is longer than the file system allows$/);
  writeFileSync(join(directory.path, 'latin.json'), Buffer.from('{"name": "\xe9"}', 'latin1'));
  refuses(() => load(join(directory.path, 'latin.json')), /latin\.json: it is not UTF-8: expected JSON in UTF-8$/);
  writeFileSync(join(directory.path, 'marked.json'), '\ufeff{"extends": "base"}\r\n');
  assert.deepEqual(load(join(directory.path, 'marked.json')).values, load('base').values);
  refuses(() => load('base', '.seed=1'), /^--set \.seed=1: expected path=value/);
});

test('names of sets cannot leave the directory of reports', () => {
  for (const name of ['..', '.hidden', '-x', 'a b']) {
    writeFileSync(join(directory.path, `${name}.json`), '{"extends": "base"}');
    refuses(() => load(join(directory.path, `${name}.json`)), /cannot name a parameter set/);
  }
});

test('a number has one spelling: twelve digits, a fraction, no negative zero, in files and overrides alike', () => {
  const numbers = Type.Object({ gamma: Type.Array(Type.Number()), name: Type.Optional(Type.String()) });
  const gammas = (written: string, ...overrides: string[]): unknown => {
    write('numbers', `{"gamma": ${written}}`);
    return loadParameters(directory.path, 'numbers', overrides, numbers).values['gamma'];
  };
  assert.deepEqual(gammas('["5/9", 0.5555555555555554, 0.555555555556, "-1/3"]'), [5 / 9, 5 / 9, 5 / 9, -1 / 3]);
  assert.deepEqual(gammas('[0.1234567890123456, 1e-300, 12345678901234]'), [0.123456789012, 1e-300, 12345678901234]);
  assert.ok(Object.is((gammas('[-0]') as number[])[0], 0));
  assert.deepEqual(gammas('[1]', 'gamma=["2/7", 0.30000000000000004]'), [2 / 7, 0.3]);
  refuses(() => gammas('["1/0"]'), /gamma\[0\] = "1\/0": expected a number/);
  refuses(() => gammas('[1]', 'gamma=[1e999]'), /^--set gamma=\[1e999\]:1:2: 1e999: expected a number up to/);
  write('words', '{"gamma": [1], "name": "5/9"}');
  assert.equal(loadParameters(directory.path, 'words', [], numbers).values['name'], '5/9');
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
  writeFileSync(join(directory.path, 'params', 'proto.json'), '{"extends": "base", "__proto__": {"x": 3}}');
  refuses(() => load('proto'), /^params\/proto\.json: __proto__: unknown parameter/);
});

test('a file outside of the project is told by its whole path, also in a folder whose name begins like that of the project', () => {
  const [root, other] = ['project', 'project-old'].map((name) => join(directory.path, name)) as [string, string];
  for (const folder of [join(root, 'params'), other]) mkdirSync(folder, { recursive: true });
  for (const file of [join(root, 'params', 'base.json'), join(other, 'more.json')])
    writeFileSync(file, JSON.stringify({ seed: 1, small: { n: 10, m: [1] } }));
  assert.equal(loadParameters(root, 'base', [], schema).file, 'params/base.json');
  assert.equal(loadParameters(root, join(other, 'more.json'), [], schema).file, join(other, 'more.json'));
});
