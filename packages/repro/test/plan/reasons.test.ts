import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { source } from '../../src/graph/graph.ts';
import { planMatching } from '../../src/plan/matching.ts';
import { Scan } from '../../src/plan/scan.ts';
import type { Decision } from '../../src/plan/scan.ts';
import { PuppetProject, SourceText, puppetStage, settled } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const make = puppetStage('make');
const mix = puppetStage('mix');
let directory: ReturnType<typeof temporaryDirectory>;
let project: PuppetProject;

/** make[i] -> mix, which also reads a file. */
function build({
  is = [0, 1],
  weight = 1,
  extra = {},
  path = 'data.txt',
}: { is?: number[]; weight?: number; extra?: object; path?: string } = {}): void {
  project.build(() => {
    const made = is.map((i) => make({ i }, { from: [], maybe: undefined, read: [] }).out);
    mix({ weight, ...extra }, { from: made, maybe: undefined, read: [source(path, SourceText)] });
  });
}
beforeEach(async () => {
  directory = temporaryDirectory();
  project = new PuppetProject(directory.path);
  project.write('data.txt', 'data');
  build();
  await project.start().finishAll();
});
afterEach(() => directory[Symbol.dispose]());

const told = (node = 'mix'): [string, string][] => {
  const { state, reasons } = project.states()[node]!;
  return [[state, ''], ...reasons.map(({ kind, details }): [string, string] => [kind, details.join('; ')])];
};

test('nothing changed', () => {
  assert.deepEqual(told(), [['fresh', '']]);
});

test('a parameter: which one, from what to what', () => {
  build({ weight: 1.5 });
  assert.deepEqual(told(), [
    ['stale', ''],
    ['parameter changed', 'weight: 1 -> 1.5'],
  ]);
  build({ extra: { inner: { list: [1, 2], name: 'a' } } });
  assert.deepEqual(told(), [
    ['stale', ''],
    ['parameter changed', 'inner: none -> {"list":[1,2],"name":"a"}'],
  ]);
});

test('members of members are told by their path', async () => {
  build({ extra: { inner: { list: [1, 2], name: 'a' } } });
  await project.start().finishAll();
  build({ extra: { inner: { list: [1, 3], name: 'a' } } });
  assert.deepEqual(told(), [
    ['stale', ''],
    ['parameter changed', 'inner.list[1]: 2 -> 3'],
  ]);
});

test('the code, by file', () => {
  project.code.set('mix', 'other code');
  assert.deepEqual(told(), [
    ['stale', ''],
    ['code changed', 'stages/mix/run.ts'],
  ]);
});

test('inputs: a source file, a new one, one that is gone, another order', () => {
  project.write('data.txt', 'other data');
  assert.match(told()[1]!.join(' '), /^input changed read: data\.txt: [0-9a-f]{12} -> [0-9a-f]{12}$/);
  project.write('data.txt', 'data');
  project.write('more.txt', 'data');
  build({ path: 'more.txt' });
  assert.deepEqual(told(), [['fresh', '']], 'a path is not in the key, its content is');
  build({ is: [1, 0] });
  assert.deepEqual(told(), [
    ['stale', ''],
    ['input changed', 'from: another order'],
  ]);
  build({ is: [0, 1, 2] });
  assert.deepEqual(told(), [
    ['pending', ''],
    ['input pending', 'make[i=2]'],
  ]);
});

test('an input that was added or left out, once it is there', async () => {
  build({ is: [0, 1, 2] });
  await project.start({ wanted: ['make[i=2]'] }).finishAll();
  assert.deepEqual(told(), [
    ['stale', ''],
    ['input changed', 'from: make[i=2].out is new'],
  ]);
  build({ is: [0] });
  assert.match(told()[1]!.join(' '), /from: make\[i=1\]\.out is no longer used/);
});

test('several at once are all told, cheap ones first', () => {
  build({ weight: 2 });
  project.code.set('mix', 'other code');
  project.write('data.txt', 'other data');
  assert.deepEqual(
    told().map(([kind]) => kind),
    ['stale', 'parameter changed', 'code changed', 'input changed'],
  );
});

test('what was lost: an output, its record, the whole store', () => {
  const { key, result } = project.states()['mix'] as Extract<Decision, { state: 'fresh' }>;
  const store = project.openStore();
  rmSync(store.blobPath(result.outputs['out']!.digest));
  assert.deepEqual(told(), [
    ['missing', ''],
    ['output lost', ''],
  ]);
  store.forgetResult(key);
  assert.deepEqual(told(), [
    ['missing', ''],
    ['result lost', ''],
  ]);
  rmSync(join(directory.path, 'artifacts'), { recursive: true });
  assert.deepEqual(told(), [
    ['pending', ''],
    ['input pending', 'make[i=0]; make[i=1]'],
  ]);
  assert.deepEqual(told('make[i=0]'), [
    ['missing', ''],
    ['never built', ''],
  ]);
});

test('after a failure: the differences from the last success, and that it failed', async () => {
  build({ weight: 3 });
  const run = project.start();
  await settled();
  await run.runner.puppet('mix').fail('it broke');
  await run.finished;
  assert.deepEqual(told(), [
    ['failed', ''],
    ['parameter changed', 'weight: 1 -> 3'],
    ['failed before', 'it broke'],
  ]);
  build({ weight: 4 });
  assert.deepEqual(
    told(),
    [
      ['stale', ''],
      ['parameter changed', 'weight: 1 -> 4'],
    ],
    'another key has not failed',
  );
  build();
  assert.deepEqual(told(), [['fresh', '']]);
});

test('a run says of each node that starts why it does', async () => {
  build({ weight: 5 });
  const run = project.start();
  await run.finishAll();
  const reasons = run.events.flatMap((event) => (event.type === 'node-started' ? event.reasons : []));
  assert.deepEqual(reasons, [{ kind: 'parameter changed', details: ['weight: 1 -> 5'] }]);
});

test('a parameter may be named as a method of objects is', () => {
  build({ extra: { constructor: 2 } });
  assert.deepEqual(told(), [
    ['stale', ''],
    ['parameter changed', 'constructor: none -> 2'],
  ]);
});

test('what is asked about one node is decided of it and what it needs alone; about a key, of all', () => {
  const plan = (pattern: string): string[] => {
    const store = project.openStore();
    const { nodes, decisions } = planMatching(project.graph, new Scan(project.context(store)), pattern);
    return [nodes.map(({ name }) => name).join(' '), ...Array.from(decisions, (decision) => decision?.state ?? '')];
  };
  const states = project.states();
  const [first, second] = Object.keys(states);
  assert.deepEqual(plan(second!), [second, '', 'fresh']);
  assert.deepEqual(plan('mix'), ['mix', 'fresh', 'fresh', 'fresh']);
  const { key } = states[first!] as Decision & { state: 'fresh' };
  assert.deepEqual(plan(key.slice(0, 12)), [first, 'fresh', 'fresh', 'fresh']);
  assert.throws(() => plan('mixed'), /no node has this name/);
});
