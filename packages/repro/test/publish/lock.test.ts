import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOfText, sha256 } from '../../src/graph/digest.ts';
import type { Key } from '../../src/graph/digest.ts';
import { absent, complete, open } from '../../src/plan/outcome.ts';
import { buildGraph } from '../../src/graph/graph.ts';
import { defineStage } from '../../src/graph/stage.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { lockText } from '../../src/publish/lock.ts';
import { puppetStage } from '../puppets.ts';

const make = puppetStage('make');
const none = { from: [], maybe: undefined, read: [] };
const key = ({ name }: GraphNode): Key => keyOfText(name);
const outcome = ({ name }: GraphNode) => complete({ out: { digest: sha256(`${name} bytes`), size: 1 } });
const lockOf = (is: readonly string[]): string => {
  const { graph } = buildGraph(
    (_, params) => params,
    () => {
      for (const i of is) make({ i }, none);
    },
  );
  return lockText(graph, outcome, key);
};

test('nodes are sorted by name, by code point, in whatever order the pipeline made them', () => {
  const sorted = ['0', 'Z', 'a', '\ufb00', '\u{1f600}'];
  const text = lockOf(sorted);
  assert.deepEqual(
    Object.keys((JSON.parse(text) as { nodes: object }).nodes),
    sorted.map((i) => `make[i=${i}]`),
  );
  assert.equal(lockOf([...sorted].reverse()), text);
});

test('each has its key and the digests of its outputs, a line each', () => {
  assert.equal(
    lockOf(['a']),
    `{\n  "lockVersion": 2,\n  "nodes": {\n    "make": { "key": "${sha256('make')}", "outputs": { "out": "${sha256('make bytes')}" } }\n  }\n}\n`,
  );
});

test('what a name stood for is kept by stage and parameters, and stays where it could not be asked', () => {
  const asking = { ...make.declaration, name: 'ask', pinned: { output: 'out', member: 'commit' } } as const;
  const { graph } = buildGraph(
    (_, params) => params,
    () => {
      for (const i of ['main', 'old']) defineStage(asking)({ i }, none);
    },
  );
  const read = () => Buffer.from('{"commit":"c0ffee"}');
  const pinOf = ({ params }: GraphNode) => (params['i'] === 'old' ? 'before' : 'not asked for');
  const text = lockText(graph, (node) => (node.index === 0 ? outcome(node) : absent), key, { read, pinOf });
  assert.deepEqual((JSON.parse(text) as { pins: object }).pins, {
    'ask {"i":"main"}': 'c0ffee',
    'ask {"i":"old"}': 'before',
  });
});

test('nodes that are not complete are not in it', () => {
  const { graph } = buildGraph(
    (_, params) => params,
    () => {
      for (const i of [0, 1, 2]) make({ i }, none);
    },
  );
  const text = lockText(graph, (node) => (node.index === 0 ? outcome(node) : node.index === 1 ? absent : open), key);
  assert.deepEqual(Object.keys((JSON.parse(text) as { nodes: object }).nodes), ['make[i=0]']);
});
