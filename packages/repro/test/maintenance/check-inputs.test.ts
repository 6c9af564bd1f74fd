import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { delimiter } from 'node:path';
import { test } from 'node:test';
import { sumProject } from '../cli/project-fixture.ts';
import { makeProject } from '../project.ts';

const reading = `
  import { execFileSync } from 'node:child_process';
  import { existsSync, readFileSync } from 'node:fs';
  import { readJson, writeJson } from '$engine/runtime.ts';
  export const run = async ({ inputs, outputs }: any) => {
    let more = 0;
    try {
      more = JSON.parse(readFileSync('params/quick.json', 'utf8')).base + readFileSync('/etc/hostname').length * 0;
    } catch (error) {
      throw new Error('no parameters', { cause: error });
    }
    if (existsSync('extra.txt')) more++;
    execFileSync('true');
    writeJson(outputs.num, { v: inputs.nums.reduce((a: number, f: any) => a + readJson<any>(f).v, 0) + 0 * more });
  };`;

test('check-inputs names what a stage reads and starts beyond what it declares, and passes the others', async () => {
  const project = sumProject({ 'stages/sum/run.ts': reading });
  try {
    assert.equal((await project.run('run')).code, 0);
    const { code, stdout, stderr } = await project.run('check-inputs', 'sum', 'gen[i=1]');
    assert.equal(stderr, '');
    assert.match(stdout, /^declared {3}gen\[i=1\]$/m);
    const [, named = ''] = /^undeclared sum\n((?: {13}.*\n)*)/m.exec(stdout) ?? [];
    assert.deepEqual(
      named
        .trimEnd()
        .split('\n')
        .map((line) => line.trim()),
      [
        'reads params/quick.json',
        'reads /etc/hostname',
        'reads extra.txt',
        'starts a program: what that reads is not seen: declare it by defineCommand',
      ],
    );
    assert.match(stdout, /2 nodes: 1 read what they declare, 1 more than that, 0 failed\n$/);
    assert.equal(code, 1);
    const before = await project.run('run', '--log', 'plain');
    assert.match(before.stdout, /0 executed, 5 cached/, 'the check records nothing');
  } finally {
    project.close();
  }
});

test('check-inputs: a stage that does without what it cannot read comes out otherwise', async () => {
  const project = sumProject({
    'stages/sum/run.ts': `
      import { readFileSync } from 'node:fs';
      import { readJson, writeJson } from '$engine/runtime.ts';
      export const run = async ({ inputs, outputs }: any) => {
        let more = 0;
        try {
          more = JSON.parse(readFileSync('params/quick.json', 'utf8')).base;
        } catch {}
        writeJson(outputs.num, { v: inputs.nums.reduce((a: number, f: any) => a + readJson<any>(f).v, 0) + more });
      };`,
  });
  try {
    assert.equal((await project.run('run')).code, 0);
    const { code, stdout } = await project.run('check-inputs', 'sum');
    assert.match(stdout, /^different {2}sum\n {13}num: byte \d+ of \d+ is the first that differs/m);
    assert.equal(code, 1);
  } finally {
    project.close();
  }
});

test('check-inputs runs a command where nothing but its files and inputs is, or says why it cannot', async () => {
  const project = makeProject({
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { defineCommand, definePipeline, file, source } from '$engine/index.ts';
      const Text = file('text', '.txt');
      const declared = { params: Type.Object({}), inputs: { text: Text }, outputs: { copy: file('copy', '.txt') } };
      const copy = (script: string) => ({
        ...declared, summary: 'copies', files: [script],
        run: ({ inputs, outputs }: any) => ['sh', script, inputs.text, outputs.copy],
      });
      const honest = defineCommand({ name: 'honest', ...copy('scripts/honest.sh') });
      const reads = defineCommand({ name: 'reads', ...copy('scripts/reads.sh') });
      const manages = defineCommand({ name: 'manages', ...copy('scripts/manages.sh') });
      export default definePipeline({
        name: 'copies', params: Type.Object({}),
        build: () => {
          const text = source('data/text.txt', Text);
          return { files: { 'a.txt': honest({}, { text }).copy, 'b.txt': reads({}, { text }).copy, 'c.txt': manages({}, { text }).copy } };
        },
      });`,
    'params/quick.json': '{}',
    'data/text.txt': 'declared',
    'data/more.txt': 'not declared',
    'scripts/honest.sh': 'cat "$1" > "$2"',
    'bin/bwrap': '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
  });
  const { PATH } = process.env;
  try {
    const more = project.path('data/more.txt');
    project.write('scripts/reads.sh', `cat "$1" ${more} > "$2"`);
    project.write('scripts/manages.sh', `cat "$1" > "$2"; cat ${more} >> "$2" 2> /dev/null || true`);
    const made = await project.run('run', '--params', 'quick', '--log', 'plain');
    assert.equal(made.code, 0, made.stdout);
    const check = () => project.run('check-inputs', '--params', 'quick');

    if (spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0) {
      const { code, stdout } = await check();
      assert.match(stdout, /^declared {3}honest$/m);
      assert.match(stdout, /^failed {5}reads\n(?: {13}.*\n)*? {13}.*more\.txt.*No such file/m);
      assert.match(stdout, /^different {2}manages\n {13}copy: /m);
      assert.match(stdout, /3 nodes: 1 read what they declare, 1 more than that, 1 failed\n$/);
      assert.equal(code, 1);
    }
    // One that the system refuses, as in a container without privileges.
    chmodSync(project.path('bin/bwrap'), 0o755);
    process.env['PATH'] = `${project.path('bin')}${delimiter}${PATH}`;
    const { code, stdout } = await check();
    assert.match(
      stdout,
      /^unchecked {2}honest\n {13}what a command reads can be restricted by bwrap: bwrap: No permissions to create new namespace$/m,
    );
    assert.match(stdout, /0 failed, 3 could not be checked\n$/);
    assert.equal(code, 3);
  } finally {
    process.env['PATH'] = PATH;
    project.close();
  }
});
