import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { labelOf } from '../../src/publish/label.ts';
import type { Project } from '../project.ts';
import { sumProject } from '../cli/project-fixture.ts';

let project: Project;
before(() => void (project = sumProject()));
after(() => project.close());

test('a run with --set publishes next to the report of its set, and both gates look at their own', async () => {
  assert.equal((await project.run('run')).code, 0);
  const files = ['lock.json', 'provenance.json', 'sum.json', 'claims.json'];
  const before = files.map((name) => project.read(`reports/quick/${name}`));
  const { code, stdout } = await project.run('run', '--set', 'base=50');
  assert.equal(code, 0, stdout);
  assert.deepEqual(
    files.map((name) => project.read(`reports/quick/${name}`)),
    before,
  );
  assert.equal(project.read('reports/quick+base=50/sum.json'), '{"v":156}\n');
  assert.equal((await project.run('verify')).code, 0);
  assert.equal((await project.run('verify', '--set', 'base=50')).code, 1);
});

test('two runs of one set at once with different overrides keep their own records', async () => {
  const runs = await Promise.all([2, 3].map((base) => project.run('run', '--set', `base=${base}`)));
  for (const { code, stdout } of runs) assert.equal(code, 0, stdout);
  for (const base of [2, 3]) {
    const [facts] = JSON.parse((await project.run('show', 'gen[i=0]', '--set', `base=${base}`, '--json')).stdout) as [
      { state: string; outputs: { num: { path: string } } },
    ];
    assert.equal(facts.state, 'fresh');
    assert.equal(project.read(facts.outputs.num.path), `{"v":${base}}\n`);
    const why = await project.run('why', 'gen[i=0]', '--set', `base=${base}`);
    assert.equal(why.stdout, 'gen[i=0]: fresh: nothing that its key is made of changed\n');
  }
  const why = await project.run('why', 'gen[i=0]');
  assert.equal(why.stdout, 'gen[i=0]: fresh: nothing that its key is made of changed\n', 'and the set itself its own');
});

test('why compares a run with --set that was never made with the last run of the set', async () => {
  const { stdout } = await project.run('why', 'gen[i=0]', '--set', 'base=4');
  assert.match(
    stdout,
    /^gen\[i=0\]: stale\n {2}parameter changed: base: 1 -> 4\nsince the last run of quick:\n {2}base: 1 -> 4\n$/,
  );
});

test('a label is readable where overrides make a file name, and a digest elsewhere', () => {
  assert.equal(labelOf({ name: 'quick', overrides: [] }), 'quick');
  assert.equal(labelOf({ name: 'quick', overrides: ['small.n=500', 'seed=-2'] }), 'quick+small.n=500,seed=-2');
  for (const override of ['gamma=[-1,1]', 'a=../../x', `a=${'1'.repeat(80)}`, 'a=b c'])
    assert.match(labelOf({ name: 'quick', overrides: [override] }), /^quick\+[0-9a-f]{12}$/);
});

test('status, why, show, verify, graph and a dry run make no store', async () => {
  for (const args of [['status'], ['why', 'sum'], ['show', 'sum'], ['verify'], ['graph'], ['run', '--dry-run']])
    await project.run(...args, '--store', 'elsewhere');
  assert.ok(!existsSync(project.path('elsewhere')));
});
