import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeProject } from '../project.ts';

/** A stage `part` with a variant for each file of parts/, found by listing the folder. */
const project = makeProject({
  'pipeline.ts': `
    import { readdirSync } from 'node:fs';
    import { Type } from '@sinclair/typebox';
    import { definePipeline, defineStage, json } from '$engine/index.ts';
    export const Num = json('num', Type.Object({ v: Type.Number() }));
    const folder = new URL('./parts/', import.meta.url);
    const names = readdirSync(folder).map((file) => file.replace('.ts', '')).sort();
    const parts = await Promise.all(names.map(async (name) => {
      const { summary } = await import(\`./parts/\${name}.ts\`);
      return defineStage({
        name: 'part', variant: name, code: new URL(\`\${name}.ts\`, folder), summary,
        params: Type.Object({ part: Type.Literal(name) }), inputs: {}, outputs: { num: Num },
      });
    }));
    export default definePipeline({
      name: 'parts',
      params: Type.Object({}),
      build: () => ({ files: Object.fromEntries(names.map((part, i) => [part + '.json', parts[i]({ part }, {}).num])) }),
    });`,
  'parts/one.ts': part(1),
  'parts/two.ts': part(2),
});
after(() => project.close());

function part(value: number): string {
  return `
    import { writeJson } from '$engine/runtime.ts';
    export const summary = 'number ${value}';
    export const run = async ({ outputs }) => writeJson(outputs.num, { v: ${value} });`;
}

async function executed(): Promise<string[]> {
  const { code, stdout, stderr } = await project.run('run', '--log', 'json');
  assert.equal(code, 0, stdout + stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; node?: string; stage?: string })
    .flatMap(({ type, node, stage }) => (type === 'node-finished' ? [`${stage!} ${node!}`] : []))
    .sort();
}

test('variants of a stage have one name and each its own code', async () => {
  assert.deepEqual(await executed(), ['part part[part=one]', 'part part[part=two]']);
  assert.equal(project.read('reports/quick/two.json'), '{"v":2}\n');
  project.write('parts/two.ts', part(3));
  assert.deepEqual(await executed(), ['part part[part=two]'], 'an edited variant alone runs again');
  assert.equal(project.read('reports/quick/two.json'), '{"v":3}\n');
});

test('a file added to a folder that is imported by pattern is found', async () => {
  project.write('parts/four.ts', part(4));
  assert.deepEqual(await executed(), ['part part[part=four]']);
});

test('two stages of one name and no variants, or of one variant, are refused', async () => {
  const edit = (from: string, to: string): void =>
    project.write('pipeline.ts', project.read('pipeline.ts').replace(from, to));
  edit('variant: name,', "variant: 'same',");
  const twice = await project.run('status');
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /two stages are named "part" and have the variant "same": give one another variant/);
  edit("variant: 'same',", '');
  assert.match((await project.run('status')).stderr, /two stages are named "part": give one another name/);
});
