import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../src/graph/digest.ts';
import { collectGarbage } from '../../src/maintenance/collect-garbage.ts';
import { checkStore } from '../../src/maintenance/check-store.ts';
import { readRuns, recordRun, registerRoot, rootDirectory } from '../../src/store/root.ts';
import type { Store } from '../../src/store/store.ts';
import { PuppetProject, puppetStage } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const none = { from: [], maybe: undefined, read: [] };
const make = puppetStage('make');

test('where the clock was set back, gc keeps what the last run used, and what was built since', async (t) => {
  using directory = temporaryDirectory();
  const shared = new PuppetProject(directory.path);
  writeFileSync(join(directory.path, 'pipeline.ts'), '');
  const facts = { project: directory.path, reports: join(directory.path, 'reports/quick') };
  const { directory: root } = shared.context(shared.openStore()).byName;
  registerRoot(root, { ...facts, label: 'quick', set: 'quick', overrides: [] });
  const run = async (year: number, wanted: number, complete = true): Promise<void> => {
    t.mock.timers.setTime(Date.parse(`${year}-05-01T00:00:00Z`));
    shared.build(() => void make({ i: wanted }, none));
    const started = shared.start();
    await started.finishAll();
    const keys = started.scheduler.keys.filter((key) => key !== undefined);
    if (complete) recordRun(root, { complete, lock: null, keys });
  };
  t.mock.timers.enable({ apis: ['Date'] });
  await run(2036, 0);
  await run(2026, 1);
  await run(2026, 2, false);
  const found = (await collectGarbage(shared.openStore(), 1, false))!;
  t.mock.timers.reset();
  assert.deepEqual([found.results.removed, found.results.kept], [1, 2]);
  for (const wanted of [1, 2]) {
    shared.build(() => void make({ i: wanted }, none));
    assert.equal((await shared.start().finishAll()).executed, 0, String(wanted));
  }
});

test('a run is recorded in a root of which a gc that was ended left a part', () => {
  using directory = temporaryDirectory();
  const facts = { project: directory.path, reports: join(directory.path, 'reports') };
  const root = rootDirectory(directory.path, facts);
  const register = (): void => registerRoot(root, { ...facts, label: 'quick', set: 'quick', overrides: [] });
  register();
  rmSync(join(root, 'runs'), { recursive: true });
  register();
  recordRun(root, { complete: true, lock: null, keys: [] });
  assert.equal(readRuns(root).length, 1);
});

test('gc in a store of two projects and three clones of each keeps what any of the six uses', async () => {
  using directory = temporaryDirectory();
  const shared = new PuppetProject(directory.path);
  /** A clone at one of its commits: the results that its last run used. */
  const run = async (name: string, wanted: readonly number[]): Promise<string> => {
    const project = join(directory.path, name);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'pipeline.ts'), '');
    shared.build(() => {
      for (const i of wanted) make({ i }, none);
    });
    const started = shared.start();
    await started.finishAll();
    const root = rootDirectory(shared.openStore().directory, { project, reports: join(project, 'reports/quick') });
    registerRoot(root, {
      project,
      reports: join(project, 'reports/quick'),
      label: 'quick',
      set: 'quick',
      overrides: [],
    });
    const keys = started.scheduler.keys.filter((key) => key !== undefined);
    // The root of the puppets themselves, which is nobody's.
    rmSync(join(shared.openStore().directory, 'roots', sha256('puppets').slice(0, 16)), { recursive: true });
    recordRun(root, { complete: true, lock: null, keys });
    return project;
  };
  const use = { 'a/1': [0, 1, 2], 'a/2': [1, 2, 3], 'a/3': [2, 3, 4], 'b/1': [4, 5], 'b/2': [6], 'b/3': [6, 7] };
  for (const [name, wanted] of Object.entries(use)) await run(name, wanted);
  // What no run uses any more: each clone has moved on once.
  await run('a/1', [1, 2]);
  const results = (): number => store.keys().length;
  const store: Store = shared.openStore();
  assert.equal(results(), 8);

  const found = (await collectGarbage(store, 1, false))!;
  assert.deepEqual([found.results.removed, found.results.kept], [1, 7], 'only what the first clone alone had used');
  for (const wanted of [[1, 2], ...Object.values(use).slice(1)]) {
    shared.build(() => {
      for (const i of wanted) make({ i }, none);
    });
    const { executed } = await shared.start().finishAll();
    assert.equal(executed, 0);
  }
  rmSync(join(store.directory, 'roots', sha256('puppets').slice(0, 16)), { recursive: true });

  // A clone that is gone is reported first, and then only what it alone used goes.
  rmSync(join(directory.path, 'b/1'), { recursive: true });
  assert.equal((await collectGarbage(store, 1, false))!.results.removed, 0);
  assert.equal((await collectGarbage(store, 1, false))!.results.removed, 1, '5; another project uses 4');
  assert.equal(results(), 6);
  assert.deepEqual(checkStore(store).faults, []);
});
