import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { PuppetProject, puppetStage, settled } from '../puppets.ts';
import type { PuppetRun } from '../puppets.ts';
import type { Decision } from '../../src/plan/scan.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };
const make = puppetStage('make');
const measure = puppetStage('measure', {}, { determinism: { level: 'numeric', rtol: 1e-6, atol: 0 } });
let directory: ReturnType<typeof temporaryDirectory>;
let project: PuppetProject;
beforeEach(() => {
  directory = temporaryDirectory();
  project = new PuppetProject(directory.path);
  project.build(() => {
    const out = make({}, none).out;
    measure({}, { from: [out], maybe: undefined, read: [] });
  });
});
afterEach(() => directory[Symbol.dispose]());

test('other bytes under the same key are told, and the first result stays', async () => {
  const lock = await runWith('first', {});
  const { lock: again, warnings } = await runAgain('make', 'second');
  assert.equal(again, lock);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /^make: not deterministic: .*\bout\b.*the first result is kept/);
});

test('the same bytes are no cause for a warning', async () => {
  await runWith('first', {});
  assert.deepEqual((await runAgain('make', 'first')).warnings, []);
});

test('numbers within the tolerance that an output declares are the same; those beyond are not', async () => {
  await runWith('first', { measure: '[1, 2]' });
  assert.deepEqual((await runAgain('measure', '[1.0000001, 2]')).warnings, []);
  assert.equal((await runAgain('measure', '[1.001, 2]')).warnings.length, 1);
  assert.equal((await runAgain('measure', '[1, 2, 3]')).warnings.length, 1);
  assert.equal((await runAgain('measure', '[1]')).warnings.length, 1);
  assert.equal((await runAgain('measure', 'no JSON')).warnings.length, 1);
});

for (const what of ['its blob', 'its record and its blob']) {
  test(`other bytes are told even when the first result lost ${what}, since its digest is known`, async () => {
    await runWith('first', {});
    const store = project.openStore();
    const { key, result } = project.states()['make'] as Extract<Decision, { state: 'fresh' }>;
    rmSync(store.blobPath(result.outputs['out']!.digest));
    if (what !== 'its blob') store.forgetResult(key);
    const run = project.start();
    await settled();
    await run.runner.puppet('make').finish(() => 'second');
    for (const puppet of [...run.runner.running]) await puppet.finish(() => '[1]');
    await run.finished;
    assert.match(warningsOf(run).join(), /make: not deterministic/);
    assert.ok(!existsSync(store.blobPath(result.outputs['out']!.digest)));
  });
}

test('a node that failed under a new key and then succeeds is no case of it', async () => {
  await runWith('first', {});
  project.code.set('make', 'changed');
  const failing = project.start();
  await settled();
  await failing.runner.puppet('make').fail();
  await failing.finished;
  const run = project.start();
  await settled();
  await run.runner.puppet('make').finish(() => 'second');
  await run.runner.puppet('measure').finish(() => '[1]');
  await run.finished;
  assert.deepEqual(warningsOf(run), []);
});

async function runWith(text: string, { measure: measured = '[1]' }: { measure?: string }): Promise<string> {
  const run = project.start();
  await settled();
  await run.runner.puppet('make').finish(() => text);
  await run.runner.puppet('measure').finish(() => measured);
  await run.finished;
  return run.lock();
}

async function runAgain(node: string, text: string): Promise<{ lock: string; warnings: string[] }> {
  const run = project.start({ forced: [node] });
  await settled();
  await run.runner.puppet(node).finish(() => text);
  await run.finished;
  assert.ok(!existsSync(join(directory.path, 'artifacts', 'scratch', run.scheduler.keys[project.node(node).index]!)));
  return { lock: run.lock(), warnings: warningsOf(run) };
}

function warningsOf({ events }: PuppetRun): string[] {
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
}
