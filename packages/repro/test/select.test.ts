import assert from 'node:assert/strict';
import { Type } from '@sinclair/typebox';
import { test } from 'node:test';
import { file } from '../src/graph/artifact.ts';
import { keyOfText } from '../src/graph/digest.ts';
import { buildGraph, group } from '../src/graph/graph.ts';
import { defineStage } from '../src/graph/stage.ts';
import { matchNodes } from '../src/select.ts';

const Text = file('text', '.txt');
const stage = (name: string, inputs: { one?: typeof Text } = {}) =>
  defineStage({ name, summary: '', labels: ['gamma', 'm'], params: Type.Object({}), inputs, outputs: { out: Text } });
const train = stage('train');
const measure = stage('measure', { one: Text });

const { graph } = buildGraph(
  (_, params) => params,
  () => {
    for (const [name, widths] of [
      ['small', [8, 17]],
      ['wide', [17, 40]],
    ] as const) {
      group(name, () => {
        for (const m of widths) {
          for (const gamma of [-5 / 9, 1]) measure({}, { one: train({ n: 320, gamma, m, law: 'power' }, {}).out });
        }
      });
    }
  },
);
const names = (...patterns: string[]): string[] =>
  matchNodes(graph, patterns, () => graph.nodes.map(({ name }) => keyOfText(name))).map(({ name }) => name);
const refused = (pattern: string, message: RegExp): void =>
  assert.throws(() => names(pattern), { name: 'InputError', message });

test('a pattern is a stage, parameters in the name or not, or a group, the first to ask or a later one', () => {
  assert.equal(names('train').length, 6);
  assert.equal(names('*').length, 12);
  assert.deepEqual(names('train[gamma=-5/9,m=8]'), ['train[small,gamma=-5/9,m=8]']);
  assert.equal(names('train[gamma=-0.5555555555555556]').length, 3);
  assert.equal(names('train[n=320]').length, 6);
  assert.equal(names('measure[law=pow*]').length, 6);
  assert.deepEqual(names('train[wide]').length, 4);
  assert.ok(names('train[wide,m=17]').every((name) => name.startsWith('train[small,')));
});

test('a name as it is shown, and the first digits of a key, are taken too', () => {
  assert.deepEqual(names('train small γ=-5/9 m=8'), ['train[small,gamma=-5/9,m=8]']);
  const { name } = graph.nodes[3]!;
  assert.deepEqual(names(keyOfText(name).slice(0, 6)), [name]);
  assert.deepEqual(names(keyOfText(name)), [name]);
  refused('abcdef0123', /^abcdef0123: no node has this name/);
});

test('what no node has is told with what there is', () => {
  refused(
    'train[m=99]',
    /^train\[m=99\]: no node of train has this m in this parameter set: expected one of 8, 17, 40$/,
  );
  refused(
    'train[gama=1]',
    /^train\[gama=1\]: train has no such parameter \(did you mean "gamma"\?\): expected one of /,
  );
  refused('train[large]', /^train\[large\]: no node of train belongs to such a group: expected small, wide$/);
  refused('train[m=8,small,gamma=2]', /no node of train has this gamma .*: expected one of -5\/9, 1$/);
  refused('trian', /^trian: no node has this name \(did you mean "train"\?\): expected a stage \(train, measure\) or /);
  refused('train[m=8', /expected "\]" at its end/);
});
