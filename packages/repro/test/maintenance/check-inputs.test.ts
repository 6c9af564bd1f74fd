import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumProject } from '../cli/project-fixture.ts';

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
