import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Project } from './project.ts';
import { makeProject } from './project.ts';

/**
 * `draw` makes a number on `fast`, `slow` or `plain`, which come to 1.01, 1.02 and 1 times it; `sum` adds numbers up on
 * no backend in particular. A file `device` stands for what `fast` computes on; each probe leaves a line in `probes`.
 */
function backendProject(determinism: string): Project {
  const run = (factor: number): string => `
    import { writeJson } from '$engine/runtime.ts';
    import type { StageRun } from '$engine/runtime.ts';
    import type { draw } from '../declarations.ts';
    export const run: StageRun<typeof draw> = async ({ params, outputs }) => writeJson(outputs.num, { v: params.i * ${factor} });`;
  return makeProject({
    'params/quick.json': '{"count": 2}',
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline } from '$engine/index.ts';
      import { draw, sum } from './stages/declarations.ts';
      export default definePipeline({
        name: 'numbers',
        params: Type.Object({ count: Type.Integer() }),
        build: ({ count }) => ({ files: { 'sum.json': sum({}, { nums: Array.from({ length: count }, (_, i) => draw({ i: i + 1 }, {}).num) }).num } }),
      });`,
    'stages/declarations.ts': `
      import { appendFileSync, existsSync } from 'node:fs';
      import { Type } from '@sinclair/typebox';
      import { defineStage, json, many } from '$engine/index.ts';
      const at = (name: string) => process.cwd() + '/' + name;
      export const Num = json('num', Type.Object({ v: Type.Number() }), ${determinism});
      export const draw = defineStage({
        name: 'draw', summary: 'makes a number', params: Type.Object({ i: Type.Integer() }), inputs: {}, outputs: { num: Num },
        backends: {
          fast: {
            numericClass: 'fast-v1',
            probe: async () => {
              appendFileSync(at('probes'), 'fast\\n');
              if (existsSync(at('broken-driver'))) throw new Error('the driver gave up\\n    at driver.c:1');
              if (existsSync(at('odd'))) return undefined as never;
              return existsSync(at('device')) ? { state: 'fast', message: 'a device', facts: { driver: '7' } } : { state: 'absent', message: 'no device', advice: 'touch device' };
            },
            selfTest: async () => { if (existsSync(at('broken'))) throw new Error('1 + 1 = 3'); return '1 + 1 = 2'; },
          },
          slow: { numericClass: 'slow-v1', probe: async () => { appendFileSync(at('probes'), 'slow\\n'); return { state: 'slow', message: 'for tests only' }; } },
          plain: { numericClass: 'plain-v1', selfTest: async () => 'adds up' },
        },
      });
      export const sum = defineStage({ name: 'sum', summary: 'adds numbers up', params: Type.Object({}), inputs: { nums: many(Num) }, outputs: { num: json('sum', Type.Object({ v: Type.Number() })) } });`,
    'stages/draw/run.fast.ts': run(1.01),
    'stages/draw/run.slow.ts': run(1.02),
    'stages/draw/run.plain.ts': run(1),
    'stages/sum/run.ts': `
      import type { sum } from '../declarations.ts';
      import { readJson, writeJson } from '$engine/runtime.ts';
      import type { StageRun } from '$engine/runtime.ts';
      export const run: StageRun<typeof sum> = async ({ inputs, outputs }) => writeJson(outputs.num, { v: inputs.nums.reduce((a, f) => a + readJson(f).v, 0) });`,
  });
}

let project: Project;
/** One project for the tests of a suite, each of which finds it as new. */
function withProject(determinism: string): void {
  before(() => void (project = backendProject(determinism)));
  beforeEach(() => {
    for (const left of ['artifacts', 'reports', 'probes', 'device', 'broken', 'broken-driver', 'odd'])
      rmSync(project.path(left), { recursive: true, force: true });
  });
  after(() => project.close());
}
const lines = async (...args: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await project.run(...args, ...(args[0] === 'run' ? ['--log', 'plain'] : []));
  assert.equal(code, 0, stdout + stderr);
  return stdout.trimEnd().split('\n');
};
const probes = (): string[] => (existsSync(project.path('probes')) ? project.read('probes').trim().split('\n') : []);
const provenance = () =>
  JSON.parse(project.read('reports/quick/provenance.json')) as {
    backends: object;
    backendChoices: Record<string, object>;
    accepted: object;
  };

describe('--backend auto', () => {
  withProject("{ level: 'bytes' }");

  test('takes the last backend where no other is fast, and says why; a run with nothing to do looks for no device', async () => {
    const [first, note] = await lines('run');
    assert.match(first!, /^quick: 3 nodes, \d+ workers, backend plain, store /);
    assert.equal(note, 'draw on plain: not fast (no device), not slow (for tests only)');
    assert.deepEqual(probes(), ['fast', 'slow']);
    assert.deepEqual(provenance().backendChoices, {
      draw: {
        name: 'plain',
        passedOver: [
          { name: 'fast', because: 'no device' },
          { name: 'slow', because: 'for tests only' },
        ],
      },
    });
    assert.equal(project.read('reports/quick/sum.json'), '{"v":3}\n');
    const again = await lines('run');
    assert.match(again[0]!, /backend plain, store /);
    assert.match(again[1]!, /^done: 0 executed, 3 cached/);
    assert.deepEqual(probes(), ['fast', 'slow']);
  });

  test('takes a fast one, by its device; what it computed counts as fresh where the device is gone', async () => {
    project.write('device', '');
    const [first] = await lines('run');
    assert.match(first!, /, backend fast \(a device\), store /);
    assert.deepEqual(provenance().backendChoices, { draw: { name: 'fast', device: 'a device', passedOver: [] } });
    rmSync(project.path('device'));
    const elsewhere = await lines('run');
    assert.match(elsewhere[0]!, /backend fast, store /);
    assert.match(elsewhere.at(-1)!, /^done: 0 executed, 3 cached/);
    assert.deepEqual(probes(), ['fast']);
  });

  test('a device that appears runs what was computed without it again', async () => {
    await lines('run');
    project.write('device', '');
    assert.match((await lines('run')).at(-1)!, /^done: 0 executed, 3 cached/);
    const more = await lines('run', '--set', 'count=3');
    assert.match(more[0]!, /, backend fast \(a device\), store /);
    assert.match(more.at(-1)!, /^done: 4 executed, 0 cached/);
  });

  test('a backend asked for by name that cannot compute here is told in one line, before anything runs', async () => {
    const { code, stdout, stderr } = await project.run('run', '--backend', 'fast');
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.equal(stderr, 'repro: --backend fast: draw cannot run on it here: no device: touch device\n');
    assert.match((await lines('run', '--backend', 'slow'))[0]!, /backend slow, store /);
    assert.match((await lines('status', '--backend', 'fast'))[0]!, /^stage/);
  });

  test('a probe that fails, or gives nothing, found no device: the run goes on with another', async () => {
    project.write('broken-driver', '');
    assert.equal((await lines('run'))[1], 'draw on plain: not fast (the driver gave up), not slow (for tests only)');
    const named = await project.run('run', '--backend', 'fast');
    assert.equal(named.code, 2);
    assert.equal(named.stderr, 'repro: --backend fast: draw cannot run on it here: the driver gave up\n');
    rmSync(project.path('broken-driver'));
    project.write('odd', '');
    const odd = await project.run('run', '--backend', 'fast');
    assert.equal(
      odd.stderr,
      'repro: --backend fast: draw cannot run on it here: its probe gave undefined: expected { state, message }\n',
    );
    assert.match((await lines('doctor')).join('\n'), /fast {3}not here: its probe gave undefined/);
  });

  test('--accept-backend: outputs that are exact, or nothing, are never accepted', async () => {
    await lines('run', '--backend', 'plain');
    assert.match(
      (await lines('run', '--backend', 'slow', '--accept-backend', 'any')).at(-1)!,
      /^done: 3 executed, 0 cached/,
    );
  });
});

describe('--accept-backend', () => {
  withProject("{ level: 'bytes', acrossBackends: { rtol: 0.1, atol: 0 } }");

  test('without it a result of one numeric class never passes for another', async () => {
    await lines('run', '--backend', 'plain');
    const last = (await lines('run', '--backend', 'slow')).at(-1)!;
    assert.match(last, /^done: 3 executed, 0 cached/);
    assert.equal(project.read('reports/quick/sum.json'), '{"v":3.06}\n');
  });

  test('with it results of another class are fresh; the output and the provenance say so', async () => {
    await lines('run', '--backend', 'plain', '--set', 'count=1');
    const ran = await lines('run', '--backend', 'slow', '--accept-backend', 'any');
    assert.ok(ran.includes('accepted: 1 result of draw of another backend (plain-v1)'), ran.join('\n'));
    assert.match(ran.at(-1)!, /^done: 2 executed, 1 cached/);
    assert.equal(project.read('reports/quick/sum.json'), '{"v":3.04}\n');
    assert.deepEqual(provenance().accepted, { draw: { 'plain-v1': 1 } });
    assert.deepEqual(provenance().backends, { draw: 'slow-v1' });
    assert.match(
      (await lines('why', 'draw[i=1]', '--backend', 'slow', '--accept-backend', 'plain'))[0]!,
      /^draw\[i=1\]: fresh: by a result of another backend, plain-v1, which you accept$/,
    );
    assert.match((await lines('why', 'draw[i=1]', '--backend', 'slow'))[0]!, /^draw\[i=1\]: missing$|: stale$/);
    const shown = await lines('show', 'draw[i=1]', '--backend', 'slow', '--accept-backend', 'plain');
    assert.ok(shown.includes('  backend   plain-v1'), shown.join('\n'));
    // Without it, the last result is still that of another backend, whatever would make the next one.
    const last = await lines('show', 'draw[i=1]', '--backend', 'slow');
    assert.ok(last.includes('  backend   slow-v1'), last.join('\n'));
    const from = last.findIndex((line) => line.startsWith('  the last result'));
    assert.match(last.slice(from).join('\n'), /^ {2}on +plain-v1; .+, \d+ cores?, \d+ GiB; .+; Node v/m);
    assert.match(
      (await lines('check-determinism', 'draw', '--backend', 'slow', '--accept-backend', 'any')).at(-1)!,
      /^1 node run again: 1 the same.*; 1 node not fresh, left out/,
    );
  });

  test('its own result comes first, and only the backend named is accepted', async () => {
    await lines('run', '--backend', 'slow');
    await lines('run', '--backend', 'plain');
    const own = await lines('run', '--backend', 'slow', '--accept-backend', 'any');
    assert.ok(!own.some((line) => line.startsWith('accepted')), own.join('\n'));
    project.write('device', '');
    const named = await lines('run', '--backend', 'fast', '--accept-backend', 'plain');
    assert.ok(named.includes('accepted: 2 results of draw of another backend (plain-v1)'), named.join('\n'));
    const { code, stderr } = await project.run('run', '--accept-backend', 'plian');
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'repro: --accept-backend plian: no stage has it (did you mean "plain"?): expected any, fast, slow, plain\n',
    );
  });
});

describe('doctor', () => {
  withProject("{ level: 'bytes' }");

  test('tells what each backend found, whether it computes, and what auto takes', async () => {
    const without = (await lines('doctor')).join('\n');
    assert.match(
      without,
      /\n {4}fast {3}not here: no device\n +to have it: touch device\n {4}slow {3}not fast: for tests only\n {2}\* plain {2}works everywhere\n +self-test: passed in \d\.\d s: adds up\n/,
    );
    assert.match(without, /No faster device than the processor was found/);
    project.write('device', '');
    const found = (await lines('doctor')).join('\n');
    assert.match(found, /\n {2}\* fast {3}fast: a device\n +driver: 7\n +self-test: passed in \d\.\d s: 1 \+ 1 = 2\n/);
    assert.doesNotMatch(found, /No faster device/);
    project.write('broken', '');
    const broken = await project.run('doctor', '--json');
    assert.equal(broken.code, 1);
    const { backends } = JSON.parse(broken.stdout) as {
      backends: { backend: string; selfTest?: { passed: boolean; message: string } }[];
    };
    assert.deepEqual(
      backends.map(({ backend, selfTest }) => [backend, selfTest?.passed, selfTest?.message]),
      [
        ['fast', false, '1 + 1 = 3'],
        ['slow', undefined, undefined],
        ['plain', true, 'adds up'],
      ],
    );
  });
});
