import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { sumProject } from '../cli/project-fixture.ts';

const project = sumProject();
after(() => project.close());
const counts = async (): Promise<string> => {
  const { stdout } = await project.run('run', '--log', 'json');
  return /"executed":(\d+),"cached":(\d+),"failed":(\d+)/.exec(stdout)!.slice(1).join(' ');
};
const declarations = project.read('stages/declarations.ts');
const declare = (schema: string): void =>
  project.write('stages/declarations.ts', declarations.replace('{ v: Type.Number() }', schema));

test('a result that its type, made stricter, would refuse is not fresh; one that it allows is', async () => {
  assert.equal(await counts(), '5 0 0');
  const root = project.path('artifacts/roots', readdirSync(project.path('artifacts/roots'))[0]!);
  assert.ok(existsSync(`${root}/checked`), 'what was checked is not looked at again');

  declare('{ v: Type.Number({ maximum: 100 }) }');
  assert.equal(await counts(), '0 5 0');
  declare('{ v: Type.Number({ maximum: 4 }) }');
  const why = await project.run('why', 'gen[i=2]');
  assert.match(why.stdout, /declaration changed: output "num": it is not what num declares: v = 5: expected/);
  const ran = await project.run('run', '--keep-going');
  assert.equal(ran.code, 1);
  assert.match(ran.stdout + ran.stderr, /gen\[i=2\].*: output "num" is not what num declares: v = 5/);
  const status = await project.run('status');
  assert.match(status.stdout, /gen +2 +· +· +1/, status.stdout);

  declare('{ v: Type.Number() }');
  assert.equal(await counts(), '0 5 0', 'nothing was lost');
});
