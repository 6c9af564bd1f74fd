import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import type { Project } from '../project.ts';
import { parseActionResult } from '../../src/store/records.ts';
import { sumProject } from './project-fixture.ts';

async function withProject(
  body: (project: Project) => Promise<void>,
  overrides: Readonly<Record<string, string>> = {},
): Promise<void> {
  const project = sumProject(overrides);
  try {
    await body(project);
  } finally {
    project.close();
  }
}

let finished: Promise<Project> | undefined;
after(async () => (await finished)?.close());

/** For tests that leave all results as they found them: one project, which has run. */
async function withFinished(body: (project: Project) => Promise<void>): Promise<void> {
  const made = async (): Promise<Project> => {
    const project = sumProject();
    assert.equal(await counts(project), '5 executed, 0 cached');
    return project;
  };
  const project = await (finished ??= made());
  assert.equal(await counts(project), '0 executed, 5 cached', 'as the test before found it');
  await body(project);
}

async function counts(project: Project, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await project.run('run', '--log', 'json', ...args);
  assert.equal(stderr, '');
  const { executed, cached } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { executed: number; cached: number };
  return `${executed} executed, ${cached} cached`;
}

interface Shown {
  readonly key: string;
  readonly outputs: Readonly<Record<string, { readonly path: string }>>;
}

async function shown(project: Project, node: string): Promise<Shown> {
  return (JSON.parse((await project.run('show', node, '--json')).stdout) as Shown[])[0]!;
}

async function outputBlob(project: Project, node: string): Promise<string> {
  return project.path(Object.values((await shown(project, node)).outputs)[0]!.path);
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[0]! ^= 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

test('gc removes what the last run did not use, and only that', () =>
  withProject(async (project) => {
    const withBase = (base: number): void => project.write('params/quick.json', `{"count": 3, "base": ${base}}`);
    assert.equal(await counts(project), '5 executed, 0 cached');
    withBase(2);
    assert.equal(await counts(project), '5 executed, 0 cached');
    withBase(1);
    assert.equal(await counts(project), '0 executed, 5 cached');

    const dry = await project.run('gc', '--dry-run');
    assert.match(dry.stdout, /^would remove 5 results, \d+ blobs .*; would keep 5 results/);
    assert.equal(readdirSync(project.path('artifacts/ac')).length, 10);

    assert.match((await project.run('gc', '--keep-last', '2')).stdout, /^removed 0 results, 0 blobs/);
    assert.match((await project.run('gc')).stdout, /^removed 5 results, \d+ blobs .*; kept 5 results/);
    assert.match((await project.run('check-store')).stdout, /: all intact\n$/);
    assert.equal(await counts(project), '0 executed, 5 cached');
    withBase(2);
    assert.equal(await counts(project), '5 executed, 0 cached');
  }));

test('gc keeps what a run with overrides made until its report is removed, which it reports before it drops it', () =>
  withFinished(async (project) => {
    await counts(project, '--set', 'base=2');
    assert.match((await project.run('gc')).stdout, /^removed 0 results, 0 blobs .*; kept 10 results/);
    rmSync(project.path('reports/quick+base=2'), { recursive: true });
    const reported = await project.run('gc');
    assert.match(
      reported.stdout,
      /^quick\+base=2 of .* is gone: its 5 results stay until the next gc\n.*; kept 10 results/,
    );
    assert.match((await project.run('gc')).stdout, /were no longer kept\nremoved 5 results, .*; kept 5 results/);
    assert.equal(await counts(project), '0 executed, 5 cached');
  }));

test('gc in one of two clones that share a store keeps what the other needs, until that clone is gone', () =>
  withProject(async (project) => {
    const other = sumProject({ 'params/quick.json': '{"count": 2, "base": 7}' });
    try {
      const store = ['--store', project.path('artifacts')];
      await counts(project);
      assert.equal(await counts(other, ...store), '4 executed, 0 cached');
      assert.match((await project.run('gc')).stdout, /^removed 0 results, .*; kept 9 results/);
      assert.equal(await counts(other, ...store), '0 executed, 4 cached');
      rmSync(other.path('pipeline.ts'));
      assert.match(
        (await project.run('gc')).stdout,
        /is gone: its 4 results stay until the next gc\n.*; kept 9 results/,
      );
      assert.match((await project.run('gc')).stdout, /removed 4 results, .*; kept 5 results/);
      assert.equal(readdirSync(project.path('artifacts/roots')).length, 1);
    } finally {
      other.close();
    }
  }));

test('gc deletes nothing in a directory that is no store, and in a store only what has a name of ours', () =>
  withProject(async (project) => {
    project.write('tmp/notes.txt', 'notes');
    project.write('scratch/thesis/chapter.tex', 'text');
    const wrong = await project.run('gc', '--store', '.');
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.stderr,
      /^repro: store .*: it is not a store: it holds .* and no repro-store\.json: expected .*\n$/,
    );
    assert.ok(existsSync(project.path('tmp/notes.txt')));

    await counts(project);
    const kept = ['tmp/notes.txt', 'scratch/thesis/chapter.tex', 'cas/notes', 'roots/a/notes'];
    for (const path of kept) project.write(`artifacts/${path}`, 'mine');
    assert.equal((await project.run('gc')).code, 0);
    for (const path of kept) assert.ok(existsSync(project.path('artifacts', path)), path);
  }));

test('gc keeps what a run that failed has finished since the last good one', () =>
  withProject(async (project) => {
    await counts(project);
    project.write('stages/sum/run.ts', "export const run = async () => { throw new Error('no'); };");
    const failed = await project.run('run', '--set', 'base=5');
    assert.equal(failed.code, 1);
    await project.run('gc');
    const again = await project.run('run', '--set', 'base=5', '--log', 'json');
    assert.match(again.stdout, /"executed":0,"cached":3,"failed":1/);
  }));

test('gc leaves a store alone that a run is using', () =>
  withProject(
    async (project) => {
      const { child, finished } = project.start(['run', '--log', 'json', '--jobs', '1']);
      await new Promise<void>((resolve) =>
        child.stdout!.on('data', (chunk: Buffer) => void (chunk.includes('node-started') && resolve())),
      );
      const gc = await project.run('gc');
      assert.equal(gc.code, 1);
      assert.match(gc.stderr, /^repro: artifacts: a run is using the store: nothing was removed\n$/);
      project.write('go', '');
      assert.equal((await finished).code, 0);
      const after = await project.run('gc');
      assert.equal(after.code, 0, after.stdout + after.stderr);
    },
    {
      'stages/sum/run.ts': `
        import { existsSync, writeFileSync } from 'node:fs';
        export const run = async ({ outputs }: { outputs: { num: { path: string } } }) => {
          while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
          writeFileSync(outputs.num.path, '{"v":1}');
        };`,
    },
  ));

test('check-store names the node of a damaged blob, and run repairs it', () =>
  withFinished(async (project) => {
    const lock = project.read('reports/quick/lock.json');
    const blob = await outputBlob(project, 'gen[i=1]');
    damage(blob);
    const found = await project.run('check-store');
    assert.equal(found.code, 1);
    assert.match(
      found.stdout,
      /^cas\/[0-9a-f]{64} hashes to [0-9a-f]{12}\.\.\.: removed; it was quick: gen\[i=1\]\.num\n/,
    );
    assert.match(found.stdout, /1 fault: `run` repairs/);
    assert.equal(existsSync(blob), false);
    assert.equal(await counts(project), '1 executed, 4 cached');
    assert.equal(project.read('reports/quick/lock.json'), lock);
    assert.equal((await project.run('check-store')).code, 0);
  }));

test('check-store removes results and traces that cannot be read', () =>
  withFinished(async (project) => {
    const { key } = await shown(project, 'sum');
    const trace = parseActionResult(project.read(`artifacts/ac/${key}`))!.trace;
    damage(project.path('artifacts/cas', trace.digest));
    const other = (await shown(project, 'gen[i=0]')).key;
    rmSync(project.path('artifacts/ac', other));
    writeFileSync(project.path('artifacts/ac', other), '{"outputFiles":');
    const { code, stdout } = await project.run('check-store', '--json');
    assert.equal(code, 1);
    const { faults } = JSON.parse(stdout) as { faults: { path: string; nodes: string[] }[] };
    assert.deepEqual(faults, [
      { path: `ac/${other}`, problem: 'cannot be read as a result', nodes: ['quick: gen[i=0]'] },
      { path: `cas/${trace.digest}`, problem: faults[1]!['problem' as never], nodes: ['quick: sum.trace'] },
    ]);
    assert.equal(existsSync(project.path('artifacts/ac', key)), false);
    assert.equal(await counts(project), '2 executed, 3 cached');
  }));

test('a run tells whose bytes were damaged', () =>
  withFinished(async (project) => {
    damage(await outputBlob(project, 'gen[i=2]'));
    const { stdout } = await project.run('run');
    assert.match(stdout, /warning: gen\[i=2\]\.num was damaged in the store .*: built again/);
  }));

test('check-determinism passes a deterministic stage and tells which output of another differs, recording nothing', () =>
  withProject(
    async (project) => {
      await counts(project);
      const results = readdirSync(project.path('artifacts/ac')).sort();
      const good = await project.run('check-determinism', 'gen', '--sample', '2');
      assert.equal(good.code, 0, good.stdout + good.stderr);
      assert.match(good.stdout, /2 nodes run again: 2 the same, 0 different, 0 failed\n$/);
      const bad = await project.run('check-determinism');
      assert.equal(bad.code, 1);
      assert.match(bad.stdout, /different sum\n +num: byte \d+ of \d+ is the first that differs/);
      assert.deepEqual(readdirSync(project.path('artifacts/ac')).sort(), results);
      assert.deepEqual(readdirSync(project.path('artifacts/tmp')), []);
    },
    {
      'stages/sum/run.ts': `
        import { writeFileSync } from 'node:fs';
        export const run = async ({ outputs }: { outputs: { num: { path: string } } }) => writeFileSync(outputs.num.path, '{"v":1' + process.hrtime.bigint() + '}');`,
    },
  ));
