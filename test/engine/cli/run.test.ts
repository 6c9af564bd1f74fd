import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Project } from '../project.ts';
import { sumProject } from './project-fixture.ts';

let project: Project;
before(() => void (project = sumProject()));
after(() => project.close());

test('a run executes all nodes, and a second one none', async () => {
  const first = await project.run('run', '--log', 'json');
  assert.equal(first.code, 0, first.stderr + first.stdout);
  assert.match(first.stdout.trimEnd().split('\n').at(-1)!, /^\{"type":"run-finished","executed":5,"cached":0,"failed":0,"notRun":0,"seconds":[\d.e-]+\}$/);
  assert.equal(project.read('reports/quick/sum.json'), '{"v":9}\n');

  const second = await project.run('run', '--log', 'json');
  assert.match(second.stdout, /"executed":0,"cached":5,"failed":0,"notRun":0,"seconds":[\d.e-]+\}\n$/);
});
