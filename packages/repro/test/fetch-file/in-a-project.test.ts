import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

const content = 'n,loss\n1,2\n';
const sha256 = createHash('sha256').update(content).digest('hex');
let asked = 0;
const server = createServer((_, response) => {
  asked++;
  response.end(content);
});
let project: Project;
before(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/points.csv`;
  project = makeProject({
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline, fetchFile, file } from '$engine/index.ts';
      const Points = file('points', '.csv');
      export default definePipeline({
        name: 'fetched',
        params: Type.Object({}),
        build: () => ({ files: { 'points.csv': fetchFile({ url: '${url}', sha256: '${sha256}' }, Points) } }),
      });`,
  });
});
after(() => {
  project.close();
  server.close();
});

test('a file of the web is fetched once, by its digest; without network it is not run', async () => {
  const first = await project.run('run', '--log', 'json');
  assert.equal(first.code, 0, first.stdout + first.stderr);
  assert.equal(project.read('reports/quick/points.csv'), content);
  const again = await project.run('run', '--log', 'json');
  assert.match(again.stdout, /"type":"run-finished","executed":0,/);
  assert.equal(asked, 1);
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
  const offline = await project.run('run', '--store', 'another', '--log', 'json');
  assert.equal(offline.code, 0, offline.stdout + offline.stderr);
  assert.match(offline.stdout, /no network: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
});
