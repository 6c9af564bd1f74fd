import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readTrace } from '../../src/plan/trace.ts';
import type { Trace } from '../../src/plan/trace.ts';
import { Store } from '../../src/store/store.ts';
import type { Project } from '../project.ts';
import { sumProject } from '../cli/project-fixture.ts';

let project: Project;
/** Digest of the code that computed the first results. */
let original: string;
before(async () => {
  project = sumProject({ 'params/quick.json': '{"count": 6, "base": 1}' });
  assert.equal((await project.run('run')).code, 0);
  const [facts] = JSON.parse((await project.run('show', 'gen[i=0]', '--json')).stdout) as {
    code: { digest: string };
  }[];
  original = facts!.code.digest;
});
after(() => project.close());

const codeOf = (value: string): string => `
  import { writeJson } from '$engine/runtime.ts';
  export const run = async ({ params, outputs }: any) => writeJson(outputs.num, { v: ${value} });`;

async function counts(): Promise<string> {
  const { stdout } = await project.run('run', '--log', 'json');
  const { executed, cached } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, number>;
  return `${executed} executed, ${cached} cached`;
}

test('a refactoring that leaves the bytes equal is accepted by a sample, and nothing else runs', async () => {
  project.write('stages/gen/run.ts', codeOf('params.base + params.i + params.i'));
  const { code, stdout, stderr } = await project.run('accept', 'gen', '--sample', '2');
  assert.equal(code, 0, stdout + stderr);
  assert.match(
    stdout,
    /gen: 2 computed with the new code, all equal \(at most 78% differ, .*\): 6 results accepted\n$/,
  );
  assert.equal(await counts(), '0 executed, 8 cached');
  assert.match((await project.run('check-store')).stdout, /all intact/);
  const again = await project.run('accept', 'gen', '--sample', '2');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /^repro: gen: no node has a result of other code .*: there is nothing to accept\n$/);
});

test('what was accepted before is still said to be of the code that computed it', async () => {
  project.write('stages/gen/run.ts', codeOf('2 * params.i + params.base'));
  assert.equal((await project.run('accept', 'gen', '--sample', '2')).code, 0);
  const store = new Store(project.path('artifacts'));
  const codes = store.keys().flatMap((key) => {
    const trace = readTrace(store, store.readResult(key)!.trace) as Trace & { accepted?: { code: string } };
    return trace.accepted ? [trace.accepted.code] : [];
  });
  assert.deepEqual(codes, Array(12).fill(original));
});

test('a changed constant is refused, with the outputs that differ, and the nodes run', async () => {
  project.write('stages/gen/run.ts', codeOf('params.base + params.i * 2 + 0.5'));
  const { code, stdout } = await project.run('accept', 'gen', '--sample', '1');
  assert.equal(code, 1);
  assert.match(stdout, /^different gen\[i=\d\]: num\ngen: the new code gives other results: nothing was accepted\n/m);
  assert.equal(await counts(), '8 executed, 0 cached');
});

test('a sample that cannot run here is no sign of other results, and nothing is accepted', async () => {
  project.write(
    'stages/gen/run.ts',
    `import { NotRun } from '$engine/runtime.ts';
    export const run = async () => { throw new NotRun('no card'); };`,
  );
  const { code, stdout } = await project.run('accept', 'gen', '--sample', '1');
  assert.equal(code, 3);
  assert.match(
    stdout,
    /^not-run {3}gen\[i=\d\]: no card\ngen: some of the sample cannot run here: nothing was accepted\n/m,
  );
});

test('nodes that differ in more than their code are not accepted', async () => {
  project.write('stages/gen/run.ts', codeOf('params.i * 2 + params.base + 0.5'));
  project.write('params/quick.json', '{"count": 6, "base": 2}');
  const { code, stderr } = await project.run('accept', 'gen', '--sample', '1');
  assert.equal(code, 2);
  assert.match(stderr, /there is nothing to accept \(gen\[i=0\]: parameter changed\)\n$/);
});
