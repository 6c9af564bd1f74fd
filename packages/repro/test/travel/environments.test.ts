import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { delimiter } from 'node:path';
import { after, before, test } from 'node:test';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

let project: Project;
const { PATH } = process.env;
before(() => {
  project = makeProject({
    'pipeline.ts': `
      import { command, definePipeline, file, tools } from '$engine/index.ts';
      export default definePipeline({
        name: 'counting', defaultSet: 'quick',
        build: () => {
          const { report } = command({
            name: 'count', outputs: { report: file('report', '.md') },
            environment: tools({ counter: ['counter', '--version'] }),
            run: ({ outputs }) => ['counter', 'to', outputs.report],
          });
          return { files: { 'report.md': report }, report: 'report.md' };
        },
      });`,
    'bin/counter': '#!/bin/sh\n[ "$1" = --version ] && echo "counter 1.0" || echo seven > "$2"\n',
  });
  chmodSync(project.path('bin/counter'), 0o755);
  process.env['PATH'] = `${project.path('bin')}${delimiter}${PATH}`;
});
after(() => {
  process.env['PATH'] = PATH;
  project.close();
});

/** A run on another machine, which has what `args` name; and what it published of the environment. */
async function runElsewhere(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run('run', '--log', 'plain', ...args);
  assert.equal(code, 0, stdout + stderr);
  const { environments } = JSON.parse(project.read('reports/quick/provenance.json')) as { environments: object };
  assert.deepEqual(environments, { 'environment[kind=tools]': { kind: 'tools', tools: { counter: 'counter 1.0' } } });
  assert.match(project.read('reports/quick/report.md'), /^seven\n[^]*\n- Environment: counter 1\.0\n/);
  return stdout;
}

function forgetAll(): void {
  for (const directory of ['artifacts', 'reports']) rmSync(project.path(directory), { recursive: true, force: true });
}

test('a report of results that came without bytes describes their environments', async () => {
  const place = project.path('remote');
  await runElsewhere('--remote', place, '--push');
  assert.equal((await project.run('export', 'all.tar', '--without', 'environment')).code, 0);

  forgetAll();
  assert.match(await runElsewhere('--remote', place), /done: 0 executed, 2 cached/);

  forgetAll();
  assert.equal((await project.run('import', 'all.tar')).code, 0);
  assert.match(await runElsewhere(), /done: 1 executed, 1 cached/, 'what is not here is described again');
  assert.match(await runElsewhere(), /done: 0 executed, 2 cached/);
});

test('the lock of results that came from a remote says what names of the world outside stood for', async () => {
  const asking = makeProject({
    'pipeline.ts': `
      import { definePipeline, defineStage, json, Type } from '$engine/index.ts';
      const Answer = json('answer', Type.Object({ pin: Type.String() }));
      const ask = defineStage({ name: 'ask', summary: 'asks', params: Type.Object({}), inputs: {}, outputs: { answer: Answer }, pinned: { output: 'answer', member: 'pin' } });
      const use = defineStage({ name: 'use', summary: 'uses', params: Type.Object({}), inputs: { answer: Answer }, outputs: { answer: Answer } });
      export default definePipeline({ name: 'asking', defaultSet: 'quick', build: () => ({ files: { 'a.json': use({}, ask({}, {})).answer } }) });`,
    'stages/ask/run.ts': `
      import { writeJson } from '$engine/runtime.ts';
      export const run = async ({ outputs }: any) => writeJson(outputs.answer, { pin: 'c0ffee' });`,
    'stages/use/run.ts': `
      import { readJson, writeJson } from '$engine/runtime.ts';
      export const run = async ({ inputs, outputs }: any) => writeJson(outputs.answer, { pin: 'of ' + (readJson(inputs.answer) as any).pin });`,
  });
  try {
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await asking.run('run', '--remote', asking.path('remote'), ...args);
      assert.equal(code, 0, stdout + stderr);
      return asking.read('reports/quick/lock.json');
    };
    const lock = await run('--push');
    assert.deepEqual((JSON.parse(lock) as { pins: object }).pins, { 'ask {}': 'c0ffee' });
    for (const directory of ['artifacts', 'reports']) rmSync(asking.path(directory), { recursive: true });
    assert.equal(await run(), lock);
  } finally {
    asking.close();
  }
});
