import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

/** What a stage says of its nodes by functions of its own, which may fail: the file `wrong` names the one that does. */
let project: Project;
before(() => {
  project = makeProject({
    'params/quick.json': '{}',
    wrong: '',
    'pipeline.ts': `
      import { readFileSync } from 'node:fs';
      import { definePipeline, defineStage, json, Type } from '$engine/index.ts';
      const num = json('num', Type.Object({ v: Type.Number() }));
      const build = () => {
        const [what, how] = readFileSync(process.cwd() + '/wrong', 'utf8').split(' ');
        const wrong = () => { if (how === 'throws') throw new Error('of a mistake\\nin it'); return JSON.parse(how); };
        const draw = defineStage({
          name: 'draw', summary: 'draws', params: Type.Object({}), inputs: {}, outputs: { num },
          ...(what && { [what]: wrong }),
        });
        return { files: { 'num.json': draw({}, {}).num } };
      };
      export default definePipeline({ name: 'p', params: Type.Object({}), build });`,
    'stages/draw/run.ts': `export const run = async () => { throw new Error('the data is gone'); };`,
  });
});
after(() => project.close());

const failing = async (wrong: string, ...args: string[]): Promise<[number | null, string]> => {
  project.write('wrong', wrong);
  const { code, stdout, stderr } = await project.run('run', '--log', 'plain', ...args);
  return [code, (stdout + stderr).replace(/\n[^]*/, '')];
};

test('a function of a stage that fails, or gives what nobody can use, is told by its name, in a line', async () => {
  for (const what of ['cost', 'work']) {
    assert.deepEqual(await failing(`${what} throws`), [2, `repro: stage draw: ${what} of draw: of a mistake`]);
    assert.deepEqual(await failing(`${what} -1`), [
      2,
      `repro: stage draw: ${what} of draw is -1: expected a number from 0 on`,
    ]);
  }
  assert.deepEqual(await failing('memory throws', '--dry-run'), [2, 'repro: stage draw: memory of draw: of a mistake']);
  assert.deepEqual(await failing('memory "1GB"', '--dry-run'), [
    2,
    'repro: stage draw: memory of draw is 1GB: expected a number from 0 on',
  ]);
  assert.deepEqual(await failing('downloads {"bytes":1}', '--dry-run'), [
    2,
    'repro: stage draw: downloads.diskBytes of draw is undefined: expected a number from 0 on',
  ]);
  assert.deepEqual(await failing('calibrate throws', '--dry-run'), [2, 'repro: stage draw: calibrate: of a mistake']);
  assert.deepEqual(await failing('calibrate [{"cost":0,"seconds":1}]', '--dry-run'), [
    2,
    'repro: stage draw: calibrate gave [{"cost":0,"seconds":1}]: expected a list of { cost, seconds }, costs above 0',
  ]);
  assert.deepEqual(await failing('here throws'), [2, 'repro: stage draw: here: of a mistake']);
  assert.deepEqual(await failing('here {"python":3}'), [
    2,
    'repro: stage draw: here gave {"python":3}: expected an object of texts',
  ]);
});

test('advice that cannot be told hides no failure', async () => {
  project.write('wrong', 'withoutIt throws');
  const { code, stdout, stderr } = await project.run('run', '--log', 'plain');
  assert.equal(code, 1);
  assert.match(stdout, /FAILED draw .*: the data is gone/);
  assert.match(stdout, /\n {2}rerun it with: .*\n {2}\(stage draw: withoutIt: of a mistake\)\n/);
  assert.doesNotMatch(stdout + stderr, /at Object\.withoutIt/);
});
