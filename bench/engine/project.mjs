// @ts-check
/** A project of many trivial nodes, and the same graph for other build systems. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Shapes of graphs. `wide`: of every ten nodes, nine make a number each and one adds these nine up. `chain`: each node
 * needs the one before. `diamond`: one, then eight that need it, then one that needs these eight, and so on.
 * @typedef {'wide' | 'chain' | 'diamond'} Shape
 */
/** @type {readonly Shape[]} */
export const shapes = ['wide', 'chain', 'diamond'];

/**
 * For node `i`, the nodes that it needs. The pipeline of the project holds the text of these functions.
 * @type {Readonly<Record<Shape, (i: number) => number[]>>}
 */
const needs = {
  wide: (i) => (i % 10 === 9 ? [9, 8, 7, 6, 5, 4, 3, 2, 1].map((back) => i - back) : []),
  chain: (i) => (i > 0 ? [i - 1] : []),
  diamond: (i) => (i === 0 ? [] : i % 9 === 0 ? [8, 7, 6, 5, 4, 3, 2, 1].map((back) => i - back) : [i - (i % 9)]),
};

/** @param {number} nodes @param {Shape} shape @returns {{ inputs: number[] }[]} */
export function trivialGraph(nodes, shape = 'wide') {
  return Array.from({ length: nodes }, (_, i) => ({ inputs: needs[shape](i) }));
}

/**
 * A project whose stage `make` has one node for each of the graph. `batchBy`: whether they may run in one job with those of
 * their shape, of which there are as many.
 * @param {string} root @param {string} repository @param {number} nodes
 * @param {{ shape?: Shape, batched?: boolean }} [kind]
 */
export function writeProject(root, repository, nodes, { shape = 'wide', batched = false } = {}) {
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
      const make = defineStage({
        name: 'make', summary: 'a number', params: Type.Object({ i: Type.Integer() }), labels: ['i'],
        inputs: { values: many(Value) }, outputs: { value: Value },
        ${batched ? "execution: { batchBy: ['i'] }," : ''}
      });
      const needs = ${needs[shape].toString()};
      export default definePipeline({
        name: 'trivial',
        params: Type.Object({ nodes: Type.Integer() }),
        build: ({ nodes }) => {
          const all = [];
          for (let i = 0; i < nodes; i++) all.push(make({ i }, { values: needs(i).map((one) => all[one]) }).value);
          return { files: { 'last.json': all.at(-1) } };
        },
      });`,
    'stages/make/run.ts': `
      import { readJson, writeJson } from '${engine}/runtime.ts';
      export const run = async ({ params, inputs, outputs }: any) => {
        const sum = inputs.values.reduce((sum: number, one: any) => sum + (readJson<any>(one) as number), 0);
        writeJson(outputs.value, (params.i + 31 * sum) % 1e9);
      };
      export const runBatch = async (contexts: any) => void (await Promise.all(contexts.map(run)));`,
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
