import assert from 'node:assert/strict';
import { chmodSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

/** cell[alpha] -> scaled[alpha] (uses a deep constant) -> rounded[alpha] (drops digits) -> summary */
const declarations = `
  import { Type } from '@sinclair/typebox';
  import { defineStage, json, many } from '$engine/index.ts';
  export const Number = json('number', Type.Number());
  export const Text = json('text', Type.Unknown());
  export const cell = defineStage({ name: 'cell', summary: '', params: Type.Object({ alpha: Type.Number() }), inputs: { data: Text }, outputs: { number: Number } });
  export const scaled = defineStage({ name: 'scaled', summary: '', params: Type.Object({}), inputs: { number: Number }, outputs: { number: Number } });
  export const rounded = defineStage({ name: 'rounded', summary: '', params: Type.Object({}), inputs: { number: Number }, outputs: { number: Number } });
  export const summary = defineStage({ name: 'summary', summary: '', params: Type.Object({}), inputs: { numbers: many(Number) }, outputs: { number: Number } });`;
const run = (body: string, imports = ''): string => `
  import { readJson, writeJson } from '$engine/runtime.ts';
  ${imports}
  export const run = async ({ params, inputs, outputs }: any): Promise<void> => { ${body} };`;

let project: Project;
before(async () => {
  project = makeProject({
    'params/quick.json': '{"alphas": [1, 2]}',
    'data/data.json': '10',
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline, source } from '$engine/index.ts';
      import { cell, rounded, scaled, summary, Text } from './stages/declarations.ts';
      export default definePipeline({
        name: 'edits',
        params: Type.Object({ alphas: Type.Array(Type.Number()) }),
        build: ({ alphas }) => {
          const numbers = alphas.map((alpha) => rounded({}, { number: scaled({}, { number: cell({ alpha }, { data: source('data/data.json', Text) }).number }).number }).number);
          return { files: { 'summary.json': summary({}, { numbers }).number } };
        },
      });`,
    'stages/declarations.ts': declarations,
    'stages/cell/run.ts': run('writeJson(outputs.number, params.alpha * readJson<any>(inputs.data));'),
    'stages/scaled/run.ts': run(
      'const value = readJson<any>(inputs.number); writeJson(outputs.number, scale(value));',
      `import { scale } from '../../shared/scale.ts';`,
    ),
    'stages/rounded/run.ts': run('writeJson(outputs.number, Math.round(readJson<any>(inputs.number)));'),
    'stages/summary/run.ts': run(
      'writeJson(outputs.number, inputs.numbers.reduce((total: number, one: any) => total + readJson<any>(one), 0));',
    ),
    'shared/scale.ts': `import { factor } from './factor.ts';\nexport const scale = (value: number): number => { const product = value * factor; return product; };`,
    'shared/factor.ts': `export const factor = 3;`,
  });
  assert.deepEqual(await executed(), [
    'cell[alpha=1]',
    'cell[alpha=2]',
    'rounded[alpha=1]',
    'rounded[alpha=2]',
    'scaled[alpha=1]',
    'scaled[alpha=2]',
    'summary',
  ]);
});
after(() => project.close());

test('nothing changed: nothing runs', async () => {
  assert.deepEqual(await executed(), []);
});

test('a comment and a renamed local: nothing runs', async () => {
  project.write(
    'shared/scale.ts',
    `// why\nimport { factor } from './factor.ts';\nexport const scale = (v: number): number => { const zq = v * factor; /* and */ return zq; };\nexport const unused = 1;`,
  );
  assert.deepEqual(await executed(), []);
});

test('a constant deep in an import: the nodes of that stage, and what follows until bytes are as before; why names the file', async () => {
  project.write(
    'shared/scale.ts',
    `import { factor } from './factor.ts';\nexport const scale = (value: number): number => value * factor + 0.1;`,
  );
  await tells('scaled[alpha=1]', 'scaled[alpha=1]: stale\n  code changed: shared/scale.ts\n');
  await tells('summary', 'summary: pending\n  input pending\n    rounded[alpha=1]\n    rounded[alpha=2]\n');
  assert.deepEqual(
    await executed(),
    ['rounded[alpha=1]', 'rounded[alpha=2]', 'scaled[alpha=1]', 'scaled[alpha=2]'],
    'rounding gives the bytes of before, so the summary does not run',
  );
});

test('a changed parameter: its cell and what summarises it; why tells the values', async () => {
  project.write('params/quick.json', '{"alphas": [1, 2.5]}');
  await tells('cell[alpha=2.5]', 'cell[alpha=2.5]: missing\n  never built\n');
  assert.deepEqual(await executed(), ['cell[alpha=2.5]', 'rounded[alpha=2.5]', 'scaled[alpha=2.5]', 'summary']);
  project.write('params/quick.json', '{"alphas": [2.5]}');
  assert.deepEqual(
    await executed(),
    ['summary'],
    'cells that are left over keep their results under their shorter names',
  );
  project.write('params/quick.json', '{"alphas": [4]}');
  await tells('cell', 'cell: stale\n  parameter changed: alpha: 2.5 -> 4\n');
  project.write('params/quick.json', '{"alphas": [1, 2]}');
  assert.deepEqual(await executed(), [], 'what was built before is still there');
});

test('a changed source file: what reads it; why names it', async () => {
  project.write('data/data.json', '7');
  const { stdout } = await project.run('why', 'cell[alpha=1]');
  assert.match(
    stdout,
    /^cell\[alpha=1\]: stale\n  input changed: data: data\/data\.json: [0-9a-f]{12} -> [0-9a-f]{12}\n/,
  );
  assert.equal((await executed()).length, 7);
  project.write('data/data.json', '10 ');
  assert.deepEqual(await executed(), ['cell[alpha=1]', 'cell[alpha=2]'], 'another key, the bytes of before');
});

test('a flipped byte in any output: named, repaired by running what made it, and the lock is as before', async () => {
  const text = project.read('reports/quick/lock.json');
  const { nodes } = JSON.parse(text) as { nodes: Record<string, { outputs: Record<string, string> }> };
  for (const node of ['cell[alpha=1]', 'summary']) {
    const blob = project.path('artifacts', 'cas', nodes[node]!.outputs['number']!);
    const bytes = readFileSync(blob);
    chmodSync(blob, 0o644);
    bytes[0]! ^= 1;
    writeFileSync(blob, bytes);
    await tells(node, `${node}: missing\n  output damaged\n`);
    const { code, stdout } = await project.run('run', '--log', 'json');
    assert.equal(code, 0);
    assert.match(stdout, /"executed":1,/);
    assert.equal(project.read('reports/quick/lock.json'), text);
  }
  assert.deepEqual(await executed(), []);
});

test('whatever is lost or changed of what was published is published again, and nothing runs for it', async () => {
  const lock = project.read('reports/quick/lock.json');
  const summary = project.read('reports/quick/summary.json');
  for (const damage of [
    () => rmSync(project.path('reports/quick/lock.json')),
    () => project.write('reports/quick/lock.json', '{}'),
    () => rmSync(project.path('reports/quick/provenance.json')),
    () => project.write('reports/quick/summary.json', '0'),
    () => rmSync(project.path('reports'), { recursive: true }),
    () => project.write(`artifacts/roots/${readdirSync(project.path('artifacts/roots'))[0]!}/published.json`, 'x'),
  ]) {
    damage();
    assert.deepEqual(await executed(), []);
    assert.equal(project.read('reports/quick/lock.json'), lock);
    assert.equal(project.read('reports/quick/summary.json'), summary);
    assert.ok(JSON.parse(project.read('reports/quick/provenance.json')));
  }
});

async function tells(node: string, start: string): Promise<void> {
  const { stdout } = await project.run('why', node);
  assert.equal(stdout.slice(0, start.length), start);
}

/** Runs; names of the nodes that ran, sorted. */
async function executed(): Promise<string[]> {
  const { code, stdout, stderr } = await project.run('run', '--log', 'json');
  assert.equal(code, 0, stdout + stderr);
  return stdout
    .split('\n')
    .flatMap((line) =>
      line.startsWith('{"type":"node-finished"') ? [(JSON.parse(line) as { node: string }).node] : [],
    )
    .sort();
}
