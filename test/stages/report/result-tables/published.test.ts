import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { copyProject, tinySet } from '../../../project-copy.ts';

const project = copyProject();
after(() => project.close());

test('a row of models.csv leads to the node that measured it, by the digest in lock.json', async () => {
  project.write(
    'params/tiny.json',
    JSON.stringify({ ...tinySet, small: { ...tinySet.small, alpha: [1] }, figures: [] }),
  );
  const { code, stdout, stderr } = await project.repro('run', '--params', 'tiny');
  assert.equal(code, 0, stdout + stderr);
  const [head, ...rows] = project
    .read('reports/tiny/models.csv')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const { nodes } = JSON.parse(project.read('reports/tiny/lock.json')) as {
    nodes: Record<string, { outputs: Record<string, string> }>;
  };
  const nodeOf = new Map(Object.entries(nodes).map(([name, { outputs }]) => [outputs['measurement'], name]));
  const found = rows.map((row) => {
    const value = (column: string) => row[head!.indexOf(column)]!;
    const node = nodeOf.get(value('measurement'));
    assert.match(node ?? '', new RegExp(`\\bm=${value('m')}\\b`));
    return node;
  });
  assert.equal(new Set(found).size, 6);
});
