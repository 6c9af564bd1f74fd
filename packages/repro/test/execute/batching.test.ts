import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { source } from '../../src/graph/graph.ts';
import { PuppetProject, puppetStage, puppetText, settled, SourceText } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };
let directory: ReturnType<typeof temporaryDirectory>;
let project: PuppetProject;
beforeEach(() => {
  directory = temporaryDirectory();
  project = new PuppetProject(directory.path);
});
afterEach(() => directory[Symbol.dispose]());

/** train[m=1|2,seed=0..2], batched by m. */
function buildSweep(maximumBatch?: number): void {
  const train = puppetStage('train', { batchBy: ['m'], ...(maximumBatch !== undefined && { maximumBatch }) });
  project.build(() => {
    for (const seed of [0, 1, 2]) for (const m of [1, 2]) train({ m, seed }, none);
  });
}

test('ready nodes of one shape are one job, and each is recorded by itself', async () => {
  buildSweep();
  const run = project.start({ jobs: 4 });
  await settled();
  assert.deepEqual(run.runner.started.map((nodes) => [...nodes].sort()).sort(), [
    ['train[m=1,seed=0]', 'train[m=1,seed=1]', 'train[m=1,seed=2]'],
    ['train[m=2,seed=0]', 'train[m=2,seed=1]', 'train[m=2,seed=2]'],
  ]);
  await run.finishAll();
  const batched = run.lock();

  const one = project.start({}, 'another-store');
  assert.equal((await one.finishAll()).executed, 6);
  assert.equal(one.lock(), batched);
  assert.equal(project.openStore().keys().length, 6);
});

test('no job has more than maximumBatch nodes, and what is cached is in none', async () => {
  buildSweep(2);
  const first = project.start({ jobs: 1, wanted: ['train[m=1,seed=1]'] });
  await first.finishAll();
  assert.deepEqual(first.runner.started, [['train[m=1,seed=1]']]);

  const run = project.start({ jobs: 1 });
  await run.finishAll();
  assert.deepEqual(run.runner.started.map((nodes) => nodes.length).sort(), [1, 2, 2]);
  assert.ok(!run.runner.started.flat().includes('train[m=1,seed=1]'));
});

test('a batch that waits for one more of its shape starts when another run has built what that one needed', async () => {
  const other = puppetStage('other', {}, { cost: () => 100 });
  const sample = puppetStage('sample');
  const train = puppetStage('train', { batchBy: ['m'] }, { cost: (params) => (params as { cost: number }).cost });
  project.build(() => {
    other({}, none);
    train({ m: 1, cost: 50 }, none);
    train({ m: 1, cost: 5 }, { ...none, from: [sample({}, none).out] });
  });
  const run = project.start({ jobs: 1 });
  await settled();
  assert.deepEqual(run.runner.names, ['other']);
  await project.start({ jobs: 1, wanted: ['sample'] }).finishAll();
  await run.runner.puppet('other').finish();
  assert.deepEqual(run.runner.names, ['train[cost=50]', 'train[cost=5]']);
  assert.equal((await run.finishAll()).executed, 3);
});

test('if one node of a batch leaves no output, the others are recorded all the same', async () => {
  buildSweep();
  const run = project.start({ jobs: 1, keepGoing: true, wanted: ['train[m=1,seed=0]', 'train[m=1,seed=1]'] });
  await settled();
  const [puppet] = run.runner.running;
  const kept = puppet!.jobs.find(({ node }) => node === 'train[m=1,seed=1]')!;
  writeFileSync(kept.outputs['out']!.path, puppetText(kept));
  await puppet!.end({ type: 'done' });
  const summary = await run.finished;
  assert.deepEqual([summary.executed, summary.failed], [1, 1]);
  assert.equal(project.states()['train[m=1,seed=1]']!.state, 'fresh');
  assert.equal(project.states()['train[m=1,seed=0]']!.state, 'failed');
});

test('a node of a batch that is told to have failed fails alone, with its own words', async () => {
  buildSweep();
  const run = project.start({ jobs: 1, keepGoing: true, wanted: ['train[m=1,seed=0]', 'train[m=1,seed=1]'] });
  await settled();
  const puppet = run.runner.running[0]!;
  for (const job of puppet.jobs) writeFileSync(job.outputs['out']!.path, puppetText(job));
  const index = puppet.nodes.indexOf('train[m=1,seed=0]');
  await puppet.end({ type: 'done', failures: [{ index, message: 'it diverged' }] });
  const summary = await run.finished;
  assert.deepEqual([summary.executed, summary.failed], [1, 1]);
  const told = run.events.flatMap((event) => (event.type === 'node-failed' ? [[event.node.name, event.message]] : []));
  assert.deepEqual(told, [['train[m=1,seed=0]', 'it diverged']]);
  assert.equal(project.states()['train[m=1,seed=1]']!.state, 'fresh');
});

test('a batch waits for all that feeds its shape, and for nothing else', async () => {
  const sample = puppetStage('sample');
  const train = puppetStage('train', { resources: { cpu: 0, accelerator: 1 }, batchBy: ['m'] });
  project.build(() => {
    for (const alpha of [0, 1]) train({ m: 1, alpha }, { ...none, from: [sample({ alpha }, none).out] });
    train({ m: 2 }, { ...none, from: [sample({ alpha: 2 }, none).out] });
  });
  const run = project.start({ jobs: 3 });
  await settled();
  await run.runner.puppet('sample[alpha=0]').finish();
  assert.deepEqual(run.runner.names, ['sample[alpha=1]', 'sample[alpha=2]']);
  await run.runner.puppet('sample[alpha=2]').finish();
  assert.deepEqual(run.runner.names, ['sample[alpha=1]', 'train[m=2]']);
  await run.runner.puppet('train[m=2]').finish();
  await run.runner.puppet('sample[alpha=1]').finish();
  assert.deepEqual(run.runner.names, ['train[alpha=0,m=1]', 'train[alpha=1,m=1]']);
  await run.finishAll();
});

test('a batch that does not wait takes what is ready, at most its share for each worker', async () => {
  const sample = puppetStage('sample');
  const measure = puppetStage('measure', { batchBy: ['m'], batchWaits: false });
  project.build(() => {
    const late = sample({ alpha: 1 }, none);
    for (const seed of [0, 1, 2, 3]) measure({ m: 1, seed }, none);
    measure({ m: 1, seed: 4 }, { ...none, from: [late.out] });
  });
  const run = project.start({ jobs: 2 });
  await settled();
  assert.deepEqual(run.runner.started, [['sample'], ['measure[seed=0]', 'measure[seed=1]']]);
  await run.finishAll();
  assert.deepEqual(
    run.runner.started.map((nodes) => nodes.length),
    [1, 2, 2, 1],
  );
});

test('a node of a batch whose source is not what it should be fails alone', async () => {
  const measure = puppetStage('measure', { batchBy: [] });
  const Declared = { ...SourceText, schema: Type.Object({ a: Type.Number() }) };
  project.build(() => {
    for (const [seed, text] of ['{"a": 1}', '{"b": 1}', '{"a": 2}'].entries()) {
      project.write(`${seed}.txt`, text);
      measure({ seed }, { ...none, read: [source(`${seed}.txt`, Declared)] });
    }
  });
  const run = project.start({ jobs: 1, keepGoing: true });
  await settled();
  assert.deepEqual(run.runner.started, [['measure[seed=0]', 'measure[seed=2]']]);
  await run.finishAll();
  assert.deepEqual([(await run.finished).executed, (await run.finished).failed], [2, 1]);
  const failures = run.events.flatMap((event) => (event.type === 'node-failed' ? [event.message] : []));
  assert.deepEqual(failures, ['the source 1.txt is not what its type declares: a: missing']);
});

test('a node of a batch that cannot run here is not run, and that is no failure', async () => {
  buildSweep();
  const run = project.start({ jobs: 1, wanted: ['train[m=1,seed=0]'] });
  await settled();
  await run.runner.running[0]!.end({ type: 'done', failures: [{ index: 0, message: 'no network', notRun: true }] });
  const { failed, notRun } = await run.finished;
  assert.deepEqual([failed, notRun], [0, 1]);
});

test('a batch does not wait for what failed, nor for nodes of its own shape', async () => {
  const sample = puppetStage('sample');
  const train = puppetStage('train', { batchBy: ['m'] });
  project.build(() => {
    const first = train({ m: 1, stage: 1, alpha: 0 }, { ...none, from: [sample({ alpha: 0 }, none).out] });
    train({ m: 1, stage: 2 }, { ...none, from: [first.out] });
    train({ m: 1, stage: 1, alpha: 1 }, { ...none, from: [sample({ alpha: 1 }, none).out] });
  });
  const run = project.start({ jobs: 2, keepGoing: true });
  await settled();
  await run.runner.puppet('sample[alpha=0]').finish();
  await run.runner.puppet('sample[alpha=1]').fail();
  assert.deepEqual(run.runner.names, ['train[alpha=0,stage=1]']);
  const { executed, failed } = await run.finishAll();
  assert.deepEqual([executed, failed], [3, 1]);
});

test('progress of a batch is told of each of its nodes', async () => {
  buildSweep();
  const run = project.start({ jobs: 1, wanted: ['train[m=1,seed=0]', 'train[m=1,seed=1]'] });
  await settled();
  const puppet = run.runner.running[0]!;
  puppet.progress(1, 0.5);
  const told = run.events.flatMap((event) =>
    event.type === 'node-progress' ? [[event.node.name, event.fraction]] : [],
  );
  assert.deepEqual(told, [[puppet.nodes[1], 0.5]]);
  await run.finishAll();
});

test('a batch that fails keeps the scratch of each node', async () => {
  buildSweep();
  const run = project.start({ jobs: 1 });
  await settled();
  const puppet = run.runner.running[0]!;
  for (const { scratch } of puppet.jobs) writeFileSync(`${scratch}/checkpoint`, 'x');
  await puppet.fail();
  assert.equal((await run.finished).failed, 3);
  for (const { scratch } of puppet.jobs) assert.ok(existsSync(`${scratch}/checkpoint`));
});

test('a node of a batch that has ended is recorded while the others run, and stays when these are interrupted', async () => {
  const train = puppetStage('train', { batchBy: ['m'] });
  const measure = puppetStage('measure');
  project.build(() => {
    for (const seed of [0, 1]) measure({ seed }, { ...none, from: [train({ m: 1, seed }, none).out] });
  });
  const run = project.start({ jobs: 2 });
  await settled();
  await run.runner.puppet('train[seed=0]').finishOne(0);
  assert.deepEqual(run.runner.names, ['measure[seed=0]', 'train[seed=0]', 'train[seed=1]']);
  await run.runner.puppet('measure[seed=0]').finish();
  run.scheduler.interrupt();
  await run.runner.puppet('train[seed=0]').fail('interrupted');
  await run.finished;
  const states = project.states();
  assert.deepEqual(
    Object.values(states).map(({ state }) => state),
    ['fresh', 'fresh', 'missing', 'pending'],
    JSON.stringify(Object.keys(states)),
  );
});

test('the accelerator is free again before the results of its job are recorded', async () => {
  const train = puppetStage('train', { resources: { cpu: 0, accelerator: 1 }, batchBy: ['m'] });
  project.build(() => {
    for (const m of [1, 2]) train({ m }, none);
  });
  const run = project.start({ jobs: 1 });
  await settled();
  assert.equal(run.runner.names.length, 1);
  await run.runner.running[0]!.finish();
  const log = run.log.filter((line) => /^node-(started|finished)/.test(line));
  assert.deepEqual(log.slice(1), [log[1]!, log[0]!.replace('started', 'finished')]);
  assert.match(log[1]!, /^node-started/);
  await run.finishAll();
});
