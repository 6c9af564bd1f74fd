import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Project } from '../project.ts';
import { sumProject } from '../cli/project-fixture.ts';

let project: Project;
before(() => void (project = sumProject()));
after(() => project.close());

test('a run of one node publishes what it is published as, says where, and leaves the rest as it was', async () => {
  const { code, stdout } = await project.run('run', 'sum');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^done: 4 executed.*\npublished reports\/quick\/sum\.json\n$/m);
  assert.equal(project.read('reports/quick/sum.json'), '{"v":9}\n');
  for (const file of ['lock.json', 'provenance.json', 'claims.json'])
    assert.equal(existsSync(project.path('reports', 'quick', file)), false, file);

  assert.equal((await project.run('run')).code, 0);
  const lock = project.read('reports/quick/lock.json');
  const unchanged = (): void => {
    assert.equal(project.read('reports/quick/sum.json'), '{"v":9}\n');
    assert.equal(project.read('reports/quick/lock.json'), lock);
  };
  assert.match((await project.run('run', 'sum')).stdout, /^published reports\/quick\/sum\.json\n$/m);

  const overridden = await project.run('run', 'sum', '--set', 'base=2');
  assert.match(overridden.stdout, /^published reports\/quick\+base=2\/sum\.json\n$/m);
  assert.equal(project.read('reports/quick+base=2/sum.json'), '{"v":12}\n');
  unchanged();

  project.write('params/quick.json', '{"count": 3, "base": 3}');
  assert.match((await project.run('run', 'sum')).stdout, /^published reports\/quick\+parts\/sum\.json\n$/m);
  assert.equal(project.read('reports/quick+parts/sum.json'), '{"v":15}\n');
  unchanged();
});
