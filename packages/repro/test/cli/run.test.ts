import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Project } from '../project.ts';
import { sumProject } from './project-fixture.ts';

let project: Project;
before(() => void (project = sumProject()));
after(() => project.close());

test('a run executes all nodes, and a second one none', async () => {
  const first = await project.run('run', '--log', 'json');
  assert.equal(first.code, 0, first.stderr + first.stdout);
  assert.match(
    first.stdout.trimEnd().split('\n').at(-1)!,
    /^\{"type":"run-finished","executed":5,"cached":0,"failed":0,"notRun":0,"seconds":[\d.e-]+\}$/,
  );
  assert.equal(project.read('reports/quick/sum.json'), '{"v":9}\n');

  const second = await project.run('run', '--log', 'json');
  assert.match(second.stdout, /"executed":0,"cached":5,"failed":0,"notRun":0,"seconds":[\d.e-]+\}\n$/);
});

test('a failing stage: the others go on, and the message has the cause, the log and the command that reruns it', async () => {
  const failing = sumProject({
    'stages/gen/run.ts': `
      import { writeFileSync } from 'node:fs';
      export const run = async ({ params, outputs }: { params: { i: number }; outputs: { num: { path: string } } }) => {
        if (params.i === 1) { console.log('at step 7'); throw new Error('the sum is not finite'); }
        writeFileSync(outputs.num.path, '{"v":1}');
      };`,
  });
  try {
    const { finished } = failing.start(['run', '--keep-going', '--set', 'count=4'], { GITHUB_ACTIONS: 'true' });
    const { code, stdout, stderr } = await finished;
    assert.equal(code, 1);
    assert.equal(stderr, '');
    assert.match(stdout, /FAILED gen\[i=1\] \(key [0-9a-f]{12}\): the sum is not finite\n    at step 7\n/);
    assert.match(stdout, /\n  rerun it with: \.\/repro run 'gen\[i=1\]' --params quick --set count=4\n/);
    assert.match(stdout, /\n::error title=gen\[i=1\]::the sum is not finite%0Arerun it with: /);
    assert.match(stdout, /blocked sum: gen\[i=1\] failed/);
    assert.match(stdout, /failed: 3 executed, 0 cached, 1 failed, 2 not run in /);
  } finally {
    failing.close();
  }
});

test('no space left: one line, exit code 1, and the next run goes on', async () => {
  const full = sumProject({
    'stages/sum/run.ts': `
      import { existsSync, writeFileSync } from 'node:fs';
      export const run = async ({ outputs }: { outputs: { num: { path: string } } }) => {
        if (!existsSync('room')) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        writeFileSync(outputs.num.path, '{"v":1}');
      };`,
  });
  try {
    const { code, stdout, stderr } = await full.run('run', '--keep-going');
    assert.equal(code, 1);
    assert.match(stderr, /^repro: store .*artifacts: no space left on the device: the run ended early [^\n]*\n$/);
    assert.doesNotMatch(stdout, /FAILED|\.mjs:/);
    full.write('room', '');
    const after = await full.run('run', '--log', 'json');
    assert.match(after.stdout, /"executed":2,"cached":3,"failed":0/);
  } finally {
    full.close();
  }
});

test('an interrupted run exits with 130 and keeps what is finished, in a remote too', async () => {
  const slow = sumProject({
    'stages/sum/run.ts': `
      export const run = ({ signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) => { console.log('started'); signal.addEventListener('abort', () => reject(new Error('stopped'))); setInterval(() => undefined, 1000); });`,
  });
  try {
    const { child, finished } = slow.start(['run', '--log', 'json', '--jobs', '1', '--remote', 'there', '--push']);
    await new Promise<void>((resolve) =>
      child.stdout!.on(
        'data',
        (chunk: Buffer) => void (/node-started.*"node":"sum"/.test(chunk.toString()) && resolve()),
      ),
    );
    const sent = (): number => (existsSync(slow.path('there/ac')) ? readdirSync(slow.path('there/ac')).length : 0);
    for (const end = Date.now() + 120_000; sent() < 3; await setTimeout(20))
      assert.ok(Date.now() < end, 'results are sent while the run goes on');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await finished;
    assert.equal(code, 130, stderr);
    assert.match(stdout, /remote: 3 results, \d+ blobs, \d+ bytes sent/);
    assert.match(
      stdout.trimEnd().split('\n').at(-1)!,
      /^\{"type":"run-finished","executed":3,"cached":0,"failed":0,"notRun":0,"seconds":[\d.e-]+,"interrupted":true\}$/,
    );
  } finally {
    slow.close();
  }
});
