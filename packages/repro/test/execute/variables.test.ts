import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keptFrom, passedOn } from '../../src/execute/job-environment.ts';
import { declaredVariables, handedVariables, variablesProblem } from '../../src/graph/variables.ts';
import type { StageDeclaration } from '../../src/graph/declaration.ts';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

const names = ['SIZE', 'MIRROR', 'SECRET'];
let project: Project;
before(() => {
  project = makeProject({
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { defineStage, definePipeline, json } from '$engine/index.ts';
      const Seen = json('seen', Type.Object({ seen: Type.Array(Type.Union([Type.String(), Type.Null()])) }));
      const stage = (name: string, declared: object) =>
        defineStage({ name, summary: '', code: new URL('./look.ts', import.meta.url), params: Type.Object({}), inputs: {}, outputs: { seen: Seen }, ...declared } as any);
      const plain = stage('plain', {});
      const sized = stage('sized', { variables: ['SIZE'], settings: ['MIRR*'] });
      export default definePipeline({
        name: 'variables', params: Type.Object({}),
        build: () => ({ files: { 'plain.json': plain({}, {}).seen, 'sized.json': sized({}, {}).seen } as any }),
      });`,
    'look.ts': `
      import { execFileSync } from 'node:child_process';
      import { writeJson } from '$engine/runtime.ts';
      export const run = async ({ outputs }: any) => {
        const own = ['SIZE', 'MIRROR', 'SECRET', 'TZ'].map((name) => process.env[name] ?? null);
        // A program that the stage starts sees the same.
        const child = execFileSync('sh', ['-c', 'echo $SIZE-$MIRROR-$SECRET']).toString().trim();
        writeJson(outputs.seen, { seen: [...own, child] });
      };`,
  });
});
after(() => {
  project.close();
  for (const name of names) delete process.env[name];
});

interface Ran {
  readonly counts: string;
  readonly text: string;
}
async function run(): Promise<Ran> {
  const { stdout, stderr } = await project.run('run', '--log', 'json');
  return { counts: /"executed":(\d+),"cached":(\d+)/.exec(stdout)!.slice(1).join(' '), text: stdout + stderr };
}
const seen = (stage: string): unknown =>
  (JSON.parse(project.read(`reports/quick/${stage}.json`)) as { seen: unknown }).seen;

test('a stage sees the variables that it declares; their values are part of its key, and settings are not', async () => {
  Object.assign(process.env, { SIZE: '1', MIRROR: 'a', SECRET: 'x', TZ: 'Asia/Tokyo' });
  const first = await run();
  assert.equal(first.counts, '2 0', first.text);
  assert.deepEqual(seen('plain'), [null, null, null, 'UTC', '--']);
  assert.deepEqual(seen('sized'), ['1', 'a', null, 'UTC', '1-a-']);
  assert.match(first.text, /plain: it asked for the environment variable MIRROR \(and SECRET, SIZE\), which is set in/);
  assert.match(first.text, /sized: it asked for the environment variable SECRET, .*add variables: \['SECRET'\]/);

  Object.assign(process.env, { MIRROR: 'b', SECRET: 'y', TZ: 'America/Lima' });
  assert.equal((await run()).counts, '0 2');
  process.env['SIZE'] = '2';
  const why = await project.run('why', 'sized');
  assert.match(why.stdout, /variable changed\W+SIZE: another value/);
  assert.doesNotMatch(why.stdout, /command changed/);
  assert.equal((await run()).counts, '1 1');
  assert.deepEqual(seen('sized'), ['2', 'b', null, 'UTC', '2-b-']);
  process.env['SIZE'] = '1';
  assert.equal((await run()).counts, '0 2', 'the first result is still there');
  delete process.env['TZ'];
});

test('check-inputs names the variables that a stage asks for and does not declare', async () => {
  const { code, stdout } = await project.run('check-inputs', 'plain');
  assert.equal(code, 1, stdout);
  assert.match(stdout, /reads the environment variable SECRET/);
});

const stage = (declared: Partial<StageDeclaration>): StageDeclaration => declared as StageDeclaration;

test('what jobs have of the variables of a run', () => {
  const shell = {
    PATH: '/bin',
    https_proxy: 'p',
    VK_DRIVER_FILES: 'd',
    HF_TOKEN: 't',
    NODE_ENV: 'test',
    TZ: 'z',
    A: '1',
  };
  assert.deepEqual(Object.keys(passedOn(shell)), ['PATH', 'https_proxy', 'VK_DRIVER_FILES']);
  assert.deepEqual(handedVariables(stage({ settings: ['HF_*'] }), shell), { HF_TOKEN: 't' });
  assert.deepEqual(handedVariables(stage({ variables: ['TZ', 'B'] }), shell), { TZ: 'z' });
  assert.deepEqual(handedVariables(stage({ variables: { A: '2' }, settings: ['A'] }), shell), { A: '2' });
  assert.equal(handedVariables(stage({ settings: ['*'] }), shell)['TZ'], undefined, 'the same for all');
  assert.equal(declaredVariables(stage({ settings: ['*'] }), shell), undefined);
  assert.deepEqual(keptFrom(['A', 'B', 'TERM', 'NODE_ENV', 'PATH'], shell), ['A']);
  assert.equal(variablesProblem(stage({ variables: ['A'], settings: ['HF_*', '*'] })), undefined);
  assert.match(variablesProblem(stage({ variables: ['A*'] }))!, /variables: "A\*": expected the name/);
  assert.match(variablesProblem(stage({ settings: ['REPRO_JOB'] }))!, /settings: REPRO_JOB: the name is reserved/);
});
