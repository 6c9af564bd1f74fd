import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sumProject } from './project-fixture.ts';

/** `sum` takes those of the numbers that could be made; number 1 needs a network, which a file stands for. */
const fixture = sumProject();
const project = sumProject({
  'stages/declarations.ts': fixture
    .read('stages/declarations.ts')
    .replace('json, many }', 'available, json }')
    .replace('nums: many(Num)', 'nums: available(Num)')
    .replace("name: 'gen',", "name: 'gen', settings: ['NETWORK'],"),
  'stages/gen/run.ts': fixture
    .read('stages/gen/run.ts')
    .replace('writeJson }', 'NotRun, writeJson }')
    .replace(
      'async ({ params, outputs }) =>',
      "async ({ params, outputs }) => {\n if (params.i === 1 && !existsSync(process.env['NETWORK']!)) throw new NotRun('no network');\n",
    )
    .replace('params.base });', 'params.base });\n};')
    .replace(/^/, "import { existsSync } from 'node:fs';\n"),
});
fixture.close();
before(() => void (process.env['NETWORK'] = project.path('network')));
after(() => {
  project.close();
  delete process.env['NETWORK'];
});

test('a list of available inputs is without what could not run here; the rest goes on and can be verified', async () => {
  const ran = await project.run('run');
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /not run gen\[i=1\]: no network/);
  assert.equal(JSON.parse(project.read('reports/quick/sum.json')).v, 1 + 5);
  const verified = await project.run('verify');
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

test('what becomes available changes the input, and why names it', async () => {
  project.write('network', '');
  assert.equal((await project.run('run', 'gen')).code, 0);
  const { stdout } = await project.run('why', 'sum');
  assert.match(stdout, /input changed: nums: gen\[i=1\]\.num: absent -> [0-9a-f]{12}/);
  assert.equal((await project.run('run')).code, 0);
  assert.equal(JSON.parse(project.read('reports/quick/sum.json')).v, 1 + 3 + 5);
});

test('a failure is no absence: what takes the rest is blocked', async () => {
  project.write(
    'stages/gen/run.ts',
    project
      .read('stages/gen/run.ts')
      .replace('params.i * 2', "(params.i === 2 ? (() => { throw new Error('broken'); })() : params.i) * 2"),
  );
  const { code, stdout } = await project.run('run', '--keep-going');
  assert.equal(code, 1);
  assert.match(stdout, /sum/);
  assert.equal(JSON.parse(project.read('reports/quick/sum.json')).v, 1 + 3 + 5, 'the old report stays');
});
