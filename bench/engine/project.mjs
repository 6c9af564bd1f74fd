// @ts-check
/** A project of many trivial nodes, and the same graph for other build systems. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Of every ten nodes, nine make a number each and one adds these nine up. @param {number} nodes @returns {{ inputs: number[] }[]}
 */
export function trivialGraph(nodes) {
  /** @type {{ inputs: number[] }[]} */
  const graph = [];
  /** @type {number[]} */
  let open = [];
  while (graph.length < nodes) {
    if (open.length === 9) {
      graph.push({ inputs: open });
      open = [];
    } else open.push(graph.push({ inputs: [] }) - 1);
  }
  return graph;
}

/** @param {string} root @param {string} repository @param {number} nodes */
export function writeProject(root, repository, nodes) {
  const engine = join(repository, 'packages/repro/src').replaceAll('\\', '/');
  /** @type {Record<string, string>} */
  const files = {
    'package.json': '{"type":"module"}',
    repro: `import { launch } from '${engine}/launch.mjs';\nawait launch(import.meta.url);\n`,
    'params/quick.json': JSON.stringify({ nodes }),
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline, defineStage, json, many } from '${engine}/index.ts';
      const Value = json('value', Type.Number());
      const make = defineStage({ name: 'make', summary: 'a number', params: Type.Object({ i: Type.Integer() }), inputs: {}, outputs: { value: Value } });
      const add = defineStage({ name: 'add', summary: 'a sum', params: Type.Object({ i: Type.Integer() }), inputs: { values: many(Value) }, outputs: { value: Value } });
      export default definePipeline({
        name: 'trivial',
        params: Type.Object({ nodes: Type.Integer() }),
        build: ({ nodes }) => {
          let open = [];
          let last;
          for (let i = 0; i < nodes; i++) {
            if (open.length === 9) {
              last = add({ i }, { values: open }).value;
              open = [];
            } else open.push(make({ i }, {}).value);
          }
          return { files: last ? { 'last.json': last } : {} };
        },
      });`,
    'stages/make/run.ts': `import { writeJson } from '${engine}/runtime.ts';\nexport const run = async ({ params, outputs }: any) => writeJson(outputs.value, params.i);`,
    'stages/add/run.ts': `import { readJson, writeJson } from '${engine}/runtime.ts';\nexport const run = async ({ inputs, outputs }: any) => writeJson(outputs.value, inputs.values.reduce((sum: number, one: any) => sum + (readJson<any>(one) as number), 0));`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
}

/**
 * As a generator, since its outputs are then up to date by their times alone: else ninja would first have to run
 * each command once. @param {string} root @param {ReturnType<typeof trivialGraph>} graph
 */
export function writeNinja(root, graph) {
  const edges = graph.map(
    ({ inputs }, i) => `build out/${i}: touch ${inputs.map((input) => `out/${input}`).join(' ')}`,
  );
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(
    join(root, 'build.ninja'),
    `rule touch\n  command = touch $out\n  generator = 1\n${edges.join('\n')}\n`,
  );
}

/** @param {string} root @param {ReturnType<typeof trivialGraph>} graph */
export function writeSnakemake(root, graph) {
  mkdirSync(join(root, 'out'), { recursive: true });
  const targets = graph.map((_, i) => `"out/${i}"`);
  const inputs = Object.fromEntries(graph.flatMap(({ inputs: list }, i) => (list.length ? [[i, list]] : [])));
  writeFileSync(join(root, 'inputs.json'), JSON.stringify(inputs));
  writeFileSync(
    join(root, 'Snakefile'),
    `import json
INPUTS = json.load(open("inputs.json"))
rule all:
    input: [f"out/{i}" for i in range(${targets.length})]
rule node:
    output: "out/{i}"
    input: lambda w: [f"out/{j}" for j in INPUTS.get(w.i, [])]
    shell: "touch {output}"
`,
  );
}
