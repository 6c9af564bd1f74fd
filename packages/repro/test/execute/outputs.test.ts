import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { checkOutputs } from '../../src/execute/node-files.ts';
import { file, json } from '../../src/graph/artifact.ts';
import { command } from '../../src/index.ts';
import { buildGraph } from '../../src/graph/graph.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { defineStage } from '../../src/graph/stage.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const Fit = json('fit-result', Type.Object({ a: Type.Number(), alpha: Type.Array(Type.Number()) }));
const declare = (outputs: Record<string, typeof Fit>): GraphNode => {
  const stage = defineStage({ name: 'fit', summary: '', params: Type.Object({}), inputs: {}, outputs });
  return buildGraph(
    (_, params) => params,
    () => stage({}, {}),
  ).graph.nodes[0]!;
};

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => void (directory = temporaryDirectory()));
afterEach(() => directory[Symbol.dispose]());
const check = (text: string | Buffer): void => {
  writeFileSync(join(directory.path, 'fit.json'), text);
  checkOutputs(declare({ fit: Fit }), directory.path);
};

test('a JSON output is checked before it is recorded: name, place, what was expected', () => {
  check('{"a": 1, "alpha": [2]}');
  const wrong: Record<string, RegExp> = {
    '{"a": NaN, "alpha": "oops"}': /^InputError: output "fit":1:7: NaN is not JSON: expected a finite number, or null$/,
    '{"a": 1, "alpha": "oops"}':
      /^Error: output "fit" is not what fit-result declares: alpha = "oops": expected an array$/,
    '{"a": 1, "alpha": [1, null]}':
      /^Error: output "fit" is not what fit-result declares: alpha\[1\] = null: expected a number$/,
    '{"a": 1}': /^Error: output "fit" is not what fit-result declares: alpha: missing$/,
    '': /^InputError: output "fit":1:1: the end of the file: expected a value$/,
  };
  for (const [text, message] of Object.entries(wrong)) assert.throws(() => check(text), message, text);
  const latin = Buffer.from('{"a": 1, "alpha": [], "\xe9": 1}', 'latin1');
  assert.throws(() => check(latin), /^Error: output "fit" is not UTF-8: expected fit-result in UTF-8$/);
});

test('an output that is missing, or no file', () => {
  assert.throws(() => checkOutputs(declare({ fit: Fit }), directory.path), /returned without writing its output "fit"/);
  const { node } = buildGraph(
    (_, params) => params,
    () => command({ name: 'fit', outputs: { fit: Fit }, run: ['sh'] }).fit,
  ).result;
  writeFileSync(join(directory.path, 'result.json'), '{}');
  assert.throws(
    () => checkOutputs(node as GraphNode, directory.path),
    /^Error: the command ended without writing its output "fit": expected the file outputs\/fit\.json: it wrote outputs\/result\.json$/,
  );
  mkdirSync(join(directory.path, 'fit.json'));
  assert.throws(() => checkOutputs(declare({ fit: Fit }), directory.path), /something other than a file/);
});

test('names of outputs that results cannot be found by are refused when they are declared', () => {
  for (const name of ['trace', 'a.b', '', '../up', '__proto__x.', 'ü'])
    assert.throws(() => declare({ [name]: Fit }), /^GraphError: stage fit: output "/, name);
  declare({ 'loss-curve_2': Fit });
});

test('inputs and outputs of other types are not looked into', () => {
  const text = file('text', '.txt');
  const stage = defineStage({ name: 'fit', summary: '', params: Type.Object({}), inputs: {}, outputs: { text } });
  const node = buildGraph(
    (_, params) => params,
    () => stage({}, {}),
  ).graph.nodes[0]!;
  writeFileSync(join(directory.path, 'text.txt'), '{');
  checkOutputs(node, directory.path);
});
