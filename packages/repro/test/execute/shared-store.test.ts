import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { PuppetProject, puppetStage, settled } from '../puppets.ts';
import { Leases } from '../../src/store/lease.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };
const make = puppetStage('make');
const mix = puppetStage('mix');
let directory: ReturnType<typeof temporaryDirectory>;
let project: PuppetProject;
beforeEach(() => {
  directory = temporaryDirectory();
  project = new PuppetProject(directory.path);
  project.build(() => {
    const made = [0, 1].map((i) => make({ i }, none).out);
    mix({}, { from: made, maybe: undefined, read: [] });
  });
});
afterEach(() => directory[Symbol.dispose]());

test('two runs that share a store: the second waits for what the first is building, and each node runs once', async () => {
  const first = project.start({ jobs: 1 });
  await settled();
  const second = project.start({ jobs: 1 });
  await settled();
  assert.deepEqual(first.runner.names, ['make[i=0]']);
  assert.deepEqual(second.runner.names, ['make[i=1]'], 'it builds another meanwhile');
  assert.ok(second.log.includes('node-waiting make[i=0]'));

  await second.runner.puppet('make[i=1]').finish();
  assert.deepEqual(second.runner.names, []);
  await second.poll();
  assert.deepEqual(second.runner.names, [], 'the first one is still at it');

  await first.runner.puppet('make[i=0]').finish();
  assert.deepEqual(first.runner.names, ['mix'], 'what the second run built is cached for the first');
  await second.poll();
  assert.deepEqual(second.runner.names, []);
  await first.runner.puppet('mix').finish();
  await second.poll();
  const [a, b] = [await first.finished, await second.finished];
  assert.deepEqual([a.executed, a.cached, b.executed, b.cached], [2, 1, 1, 2]);
  assert.equal(first.lock(), second.lock());
  assert.equal(second.log.filter((line) => line === 'node-waiting make[i=0]').length, 1, 'waiting is told once');
  assert.deepEqual(readdirSync(join(directory.path, 'artifacts', 'leases')), []);
});

test('when the run that holds a lease fails, the one that waits tries for itself', async () => {
  const first = project.start({ jobs: 1, wanted: ['make[i=0]'] });
  const second = project.start({ jobs: 1, wanted: ['make[i=0]'] });
  await settled();
  assert.deepEqual(second.runner.names, []);
  await first.runner.puppet('make[i=0]').fail();
  await second.poll();
  assert.deepEqual(second.runner.names, ['make[i=0]']);
  assert.equal((await second.finishAll()).executed, 1);
});

test('the lease of a holder that died on this machine is taken over at once', async () => {
  const { key } = project.states()['make[i=0]'] as { key: string };
  leave(key, { ...ourHolder(), id: 'another', pid: spawnSync(process.execPath, ['-e', '']).pid });
  const run = project.start({ jobs: 2, wanted: ['make[i=0]'] });
  await settled();
  assert.deepEqual(run.runner.names, ['make[i=0]']);
  await run.finishAll();
  assert.deepEqual(readdirSync(join(directory.path, 'artifacts', 'leases')), []);
});

test('the lease of a holder elsewhere is taken over once its heart has stopped, and not before', async () => {
  const { key } = project.states()['make[i=0]'] as { key: string };
  leave(key, { id: 'another', pid: 1, host: 'elsewhere' });
  let now = 0;
  const run = project.start({ jobs: 2, wanted: ['make[i=0]'], now: () => now });
  await settled();
  now = 14_000;
  await run.poll();
  assert.deepEqual(run.runner.names, []);
  now = 16_000;
  await run.poll();
  assert.deepEqual(run.runner.names, ['make[i=0]']);
  await run.finishAll();
});

/** A run that writes half its output and then does not beat for so long that another takes its lease over. */
async function overtaken() {
  const { key } = project.states()['make[i=0]'] as { key: string };
  const sleeper = project.start({ jobs: 1, wanted: ['make[i=0]'] });
  await settled();
  const { path } = sleeper.runner.puppet('make[i=0]').jobs[0]!.outputs['out']!;
  writeFileSync(path, 'half of it');
  const lease = join(directory.path, 'artifacts', 'leases', key);
  const holder = JSON.parse(readFileSync(lease, 'utf8')) as object;
  writeFileSync(lease, JSON.stringify({ ...holder, host: 'elsewhere' }));
  let now = 0;
  const other = project.start({ jobs: 1, wanted: ['make[i=0]'], now: () => now });
  await settled();
  now = 16_000;
  await other.poll();
  assert.deepEqual(other.runner.names, ['make[i=0]']);
  return { sleeper, other, path };
}

test('a run that slept and lost its lease keeps its output to itself, and both come to the same result', async () => {
  const { sleeper, other, path } = await overtaken();
  assert.equal(readFileSync(path, 'utf8'), 'half of it');
  writeFileSync(other.runner.puppet('make[i=0]').jobs[0]!.outputs['out']!.path, 'half of it');
  await sleeper.runner.puppet('make[i=0]').finish();
  assert.equal((await sleeper.finished).executed, 1);
  assert.equal((await other.finishAll()).executed, 1);
  assert.equal(sleeper.lock(), other.lock());
  assert.deepEqual(
    [...sleeper.log, ...other.log].filter((line) => line.startsWith('warning')),
    [],
  );
  assert.deepEqual(readdirSync(join(directory.path, 'artifacts', 'leases')), []);
});

test('if the other has finished before it, its scratch is gone: it takes the other’s result', async () => {
  const { sleeper, other, path } = await overtaken();
  assert.equal((await other.finishAll()).executed, 1);
  assert.ok(!existsSync(path));
  await sleeper.runner.puppet('make[i=0]').end({ type: 'done' });
  await sleeper.poll();
  assert.equal((await sleeper.finished).cached, 1);
  assert.equal(sleeper.lock(), other.lock());
});

test('if it fails, it waits for the other', async () => {
  const { sleeper, other } = await overtaken();
  await sleeper.runner.puppet('make[i=0]').fail();
  await sleeper.poll();
  assert.deepEqual(sleeper.runner.names, []);
  await other.finishAll();
  await sleeper.poll();
  const { executed, cached, failed } = await sleeper.finished;
  assert.deepEqual([executed, cached, failed], [0, 1, 0]);
});

test('a forced node that another run is building is not taken from an earlier run', async () => {
  const wanted = ['make[i=0]'];
  await project.start({ wanted }).finishAll();
  const first = project.start({ wanted, forced: wanted });
  await settled();
  const second = project.start({ wanted, forced: wanted });
  await settled();
  await second.poll();
  assert.deepEqual([first.runner.names, second.runner.names], [wanted, []]);
  assert.ok(!second.log.includes('node-cached make[i=0]'), 'it waits');
  await new Promise((resolve) => setTimeout(resolve, 2));
  await first.finishAll();
  await second.poll();
  const { executed, cached } = await second.finishAll();
  assert.deepEqual([executed, cached], [0, 1], 'what the other run made meanwhile is as new as it is wanted');

  const third = project.start({ wanted, forced: wanted });
  await settled();
  const fourth = project.start({ wanted, forced: wanted });
  await settled();
  await third.runner.puppet('make[i=0]').fail();
  await third.finished;
  await fourth.poll();
  assert.deepEqual(fourth.runner.names, wanted, 'the other run came to nothing');
  assert.equal((await fourth.finishAll()).executed, 1);
});

test('an interrupted run does not wait for another run', async () => {
  const { key } = project.states()['make[i=0]'] as { key: string };
  const path = leave(key, { ...ourHolder(), id: 'another' });
  const run = project.start({ wanted: ['make[i=0]'] });
  await settled();
  run.scheduler.interrupt();
  assert.equal((await run.finished).interrupted, true);
  assert.ok(existsSync(path), 'a lease of another run is left alone');
});

/** What a run of this process writes into its leases. */
function ourHolder(): object {
  using elsewhere = temporaryDirectory();
  mkdirSync(join(elsewhere.path, 'leases'));
  const leases = new Leases(elsewhere.path);
  leases.acquire('a');
  const holder = JSON.parse(readFileSync(join(elsewhere.path, 'leases', 'a'), 'utf8')) as object;
  leases.releaseAll();
  return holder;
}

function leave(key: string, holder: object): string {
  const path = join(directory.path, 'artifacts', 'leases', key);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify(holder));
  return path;
}
