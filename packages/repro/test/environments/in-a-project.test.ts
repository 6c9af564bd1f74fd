import assert from 'node:assert/strict';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { delimiter } from 'node:path';
import { after, before, test } from 'node:test';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

let project: Project;
const { PATH } = process.env;
const tool = (version: string): void => {
  project.write('bin/counter', `#!/bin/sh\n[ "$1" = --version ] && echo "counter ${version}" || echo 7 > "$2"\n`);
  chmodSync(project.path('bin/counter'), 0o755);
};
before(() => {
  project = makeProject({
    'pipeline.ts': `
      import { command, definePipeline, file, json, python, tools, Type } from '$engine/index.ts';
      const Number = file('number', '.txt');
      const Seen = json('seen', Type.Object({ prefix: Type.Boolean(), six: Type.Boolean() }));
      export default definePipeline({
        name: 'environments', defaultSet: 'default',
        build: () => {
          const { number } = command({
            name: 'count', outputs: { number: Number }, environment: tools({ counter: ['counter', '--version'] }),
            run: ({ outputs }) => ['counter', 'to', outputs.number],
          });
          const { seen } = command({
            name: 'look', outputs: { seen: Seen }, files: ['look.py'], environment: python({ lock: 'requirements.txt' }),
            run: ({ outputs }) => ['python3', 'look.py', outputs.seen],
          });
          return { files: { 'number.txt': number, 'seen.json': seen } };
        },
      });`,
    'look.py': `
import importlib.util, json, os, sys
json.dump({'prefix': sys.prefix == os.environ['VIRTUAL_ENV'], 'six': importlib.util.find_spec('six') is not None}, open(sys.argv[1], 'w'))
`,
    'requirements.txt': '# none\n',
  });
  process.env['PATH'] = `${project.path('bin')}${delimiter}${PATH}`;
  tool('1.0');
});
after(() => {
  process.env['PATH'] = PATH;
  project.close();
});

const run = async (): Promise<string> => {
  const { code, stdout, stderr } = await project.run('run', '--log', 'plain', '--jobs', '2');
  assert.equal(code, 0, stdout + stderr);
  return stdout;
};

test('environments: versions and lock files count, comments in these do not; what is lost is made again', async () => {
  assert.match(await run(), /done: 4 executed/);
  assert.deepEqual(JSON.parse(project.read('reports/default/seen.json')), { prefix: true, six: false });
  assert.match(await run(), /done: 0 executed, 4 cached/);
  const provenance = project.read('reports/default/provenance.json');
  assert.match(
    provenance,
    /"kind": "python",\s+"platform": "[\w-]+",\s+"requirements": \[\],\s+"version": "3\.\d+\.\d+"/,
  );

  tool('1.1');
  assert.match(
    (await project.run('why', 'environment[kind=tools]')).stdout,
    /package counter: counter 1.0 -> counter 1.1/,
  );
  assert.match(await run(), /done: 2 executed, 2 cached/, 'a tool of another version');

  project.write('requirements.txt', '# still none\n');
  assert.match(await run(), /done: 1 executed, 3 cached/, 'the environment is looked at, and is the same');
  rmSync(project.path('artifacts/environments'), { recursive: true });
  assert.match(await run(), /done: 0 executed, 4 cached/, 'nothing needs it');
  project.write('look.py', project.read('look.py').replace("'six')", "'seven')"));
  assert.match(await run(), /done: 1 executed, 3 cached/);
  assert.equal(readdirSync(project.path('artifacts/environments')).length, 1);

  project.write('requirements.txt', 'six==1.16.0\n');
  const { code, stdout } = await project.run('run', '--log', 'plain');
  assert.equal(code, 1);
  assert.match(stdout, /requirements.txt: six==1.16.0 has no --hash: make the file with: uv pip compile/);
});

test('check-inputs: what an environment asks the machine is in its key, and is no finding', async () => {
  const { code, stdout } = await project.run('check-inputs', 'environment[kind=tools]');
  assert.equal(
    stdout,
    `declared   environment[kind=tools]
             what is installed on this machine is in its key
1 node: 1 read what they declare, 0 more than that, 0 failed
`,
  );
  assert.equal(code, 0);
});

test('gc keeps the environment of results that are kept, and removes others', async () => {
  const [kept] = readdirSync(project.path('artifacts/environments'));
  const other = 'a'.repeat(64);
  project.write(`artifacts/environments/${other}/bin/python`, '');
  project.write(`artifacts/environments/${other}.12-01234567/bin/python`, '');
  project.write('artifacts/environments/notes.txt', 'mine');
  const { code, stdout, stderr } = await project.run('gc');
  assert.equal(code, 0, stdout + stderr);
  assert.deepEqual(readdirSync(project.path('artifacts/environments')).sort(), [kept, 'notes.txt'].sort());
});

test('a tool that is missing is told in one line when it is needed', async () => {
  rmSync(project.path('bin/counter'));
  const { code, stdout } = await project.run('run', 'count', '--log', 'plain');
  assert.equal(code, 1);
  assert.match(
    stdout,
    /counter: no such command: install it, for example with apt install counter, or put it on the PATH/,
  );
});
