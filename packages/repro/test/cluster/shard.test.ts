import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { InputError } from '../../src/errors.ts';
import { parseShard } from '../../src/cluster/shard.ts';
import { sumProject } from '../cli/project-fixture.ts';
import type { Project } from '../project.ts';

const count = 12;
const nodes = count + 2;
let project: Project;
before(async () => {
  project = sumProject();
  const { code, stderr } = await project.run(
    'run',
    '--set',
    `count=${count}`,
    '--reports',
    'whole',
    '--store',
    'whole-store',
  );
  assert.equal(code, 0, stderr);
});
after(() => project.close());

const shardArguments = (i: number, n: number, remote: string): string[] => {
  const own = ['--store', `${remote}-store-${i}`, '--reports', `${remote}-reports-${i}`];
  return ['run', '--set', `count=${count}`, '--jobs', '2', '--shard', `${i}/${n}`, '--remote', remote, ...own];
};

const executed = (stdout: string): number => Number(/done: (\d+) executed/.exec(stdout)?.[1]);

test('three shards build each node once between them, and the last publishes what one run publishes', async () => {
  const runs = [1, 2, 3].map((i) => project.start(shardArguments(i, 3, 'shared')).finished);
  const ended = await Promise.all(runs);
  for (const { code, stdout, stderr } of ended) assert.equal(code, 0, stdout + stderr);
  const counts = ended.map(({ stdout }) => executed(stdout));
  assert.equal(
    counts.reduce((sum, each) => sum + each, 0),
    nodes,
    `a directory keeps claims without a race: ${counts.join(', ')}`,
  );
  const report = readdirSync(project.path('whole')).find((name) => name !== 'index.html');
  assert.equal(project.read(`shared-reports-3/${report}/lock.json`), project.read(`whole/${report}/lock.json`));
  assert.equal(project.read(`shared-reports-3/${report}/sum.json`), project.read(`whole/${report}/sum.json`));
  assert.ok(!existsSync(project.path('shared-reports-1')), 'only the last one publishes');
  assert.match(ended[0]!.stdout, /shard 1 of 3: shard 3 publishes/);
});

test('a shard whose partners never come builds everything, and theirs find it done', async () => {
  const alone = await project.run(...shardArguments(1, 2, 'alone'));
  assert.equal(executed(alone.stdout), nodes, alone.stdout + alone.stderr);
  const late = await project.run(...shardArguments(2, 2, 'alone'));
  assert.match(late.stdout, /done: 0 executed, 14 cached/);
  const report = readdirSync(project.path('whole')).find((name) => name !== 'index.html');
  assert.equal(project.read(`alone-reports-2/${report}/lock.json`), project.read(`whole/${report}/lock.json`));
});

test('a remote that takes no claims costs a warning', async () => {
  mkdirSync(project.path('deaf'));
  writeFileSync(project.path('deaf', 'claims'), 'a file where claims would be');
  const { code, stdout } = await project.run(...shardArguments(1, 1, 'deaf'));
  assert.equal(code, 0, stdout);
  assert.equal(executed(stdout), nodes);
  assert.match(stdout, /warning: remote .*deaf: .*keeps no claims/);
});

test('shards are written i/n, and need a remote', async () => {
  assert.deepEqual(parseShard('2/3'), { index: 2, count: 3 });
  for (const text of ['0/3', '4/3', '1', '1/3/5', '-1/2', '1.5/2', '1/999999'])
    assert.throws(() => parseShard(text), InputError, text);
  const { code, stderr } = await project.run('run', '--shard', '1/2');
  assert.equal(code, 2);
  assert.match(stderr, /--shard 1\/2: .*expected --remote/);
});
