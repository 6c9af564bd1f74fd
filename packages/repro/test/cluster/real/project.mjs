// @ts-check
/** A project whose nodes say when they run, take time and save checkpoints, use memory, or look at their environment. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../../../', import.meta.url));
const engine = join(repository, 'packages/repro/src');

/** @type {Record<string, string>} */
const files = {
  'package.json': '{"type":"module","repro":{"slurm":{"pack":0}}}',
  repro: `import { launch } from '${engine}/launch.mjs';\nawait launch(import.meta.url);\n`,
  'params/base.json': '{"slow": 4, "ms": 200, "megabytes": 0, "log": "/dev/null", "text": "data/words.txt"}',
  'data/words.txt': 'some words',
  'pipeline.ts': `
    import { Type } from '@sinclair/typebox';
    import { definePipeline, defineCommand, defineStage, file, json, many, source } from '${engine}/index.ts';
    const Text = file('text', '.txt');
    const Num = json('num', Type.Object({ v: Type.Number() }));
    const slow = defineStage({ name: 'slow', summary: 'takes its time', params: Type.Object({ i: Type.Integer(), ms: Type.Number(), log: Type.String() }), inputs: {}, outputs: { num: Num } });
    const hungry = defineStage({ name: 'hungry', summary: 'uses memory', params: Type.Object({ megabytes: Type.Number() }), inputs: {}, outputs: { num: Num }, execution: { resources: { memoryBytes: 300 * 2 ** 20 } } });
    const look = defineStage({ name: 'look', summary: 'looks at its environment', params: Type.Object({}), inputs: { words: Text }, outputs: { num: Num } });
    const upper = defineCommand({ name: 'upper', summary: 'a command', params: Type.Object({}), inputs: { words: Text }, outputs: { text: Text }, files: [], run: ({ inputs, outputs }) => ['sh', '-c', 'tr a-z A-Z < "$1" > "$2"', 'sh', inputs.words, outputs.text] });
    const sum = defineStage({ name: 'sum', summary: 'adds up', params: Type.Object({}), inputs: { nums: many(Num) }, outputs: { num: Num } });
    export default definePipeline({
      name: 'jobs', defaultSet: 'base', examples: { set: 'base', stage: 'slow', node: 'slow[i=1]', override: 'ms=1' },
      params: Type.Object({ slow: Type.Integer(), ms: Type.Number(), megabytes: Type.Number(), log: Type.String(), text: Type.String() }),
      build: (p) => {
        const words = source(p.text, Text);
        const nums = Array.from({ length: p.slow }, (_, i) => slow({ i, ms: p.ms, log: p.log }, {}).num);
        const extra = p.megabytes > 0 ? [hungry({ megabytes: p.megabytes }, {}).num] : [];
        const total = sum({}, { nums: [...nums, ...extra, look({}, { words }).num] }).num;
        return { files: { 'sum.json': total, 'upper.txt': upper({}, { words }).text } };
      },
    });`,
  // A line in the log for each start and each end, so that what ran twice is seen; a checkpoint every tenth of a second.
  'stages/slow/run.ts': `
    import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
    import { writeJson } from '${engine}/runtime.ts';
    export const run = async ({ params, outputs, scratch, signal }: any) => {
      const checkpoint = scratch + '/done';
      let done = existsSync(checkpoint) ? Number(readFileSync(checkpoint, 'utf8')) : 0;
      if (done > 0) appendFileSync(params.log, 'resumed ' + params.i + ' at ' + done + '\\n');
      while (done < params.ms) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(100, params.ms - done)));
        done += 100;
        writeFileSync(checkpoint, String(done));
        signal.throwIfAborted();
      }
      writeJson(outputs.num, { v: params.i });
      appendFileSync(params.log, 'built ' + params.i + '\\n');
    };`,
  'stages/hungry/run.ts': `
    import { writeJson } from '${engine}/runtime.ts';
    export const run = async ({ params, outputs }: any) => {
      const held = [];
      for (let i = 0; i < params.megabytes; i += 20) { held.push(Buffer.alloc(20 * 2 ** 20, 1)); await new Promise((r) => setTimeout(r, 50)); }
      await new Promise((r) => setTimeout(r, 1500));
      writeJson(outputs.num, { v: held.length * 0 });
    };`,
  'stages/look/run.ts': `
    import { readFileSync } from 'node:fs';
    import { writeJson } from '${engine}/runtime.ts';
    export const run = async ({ inputs, outputs }: any) => {
      const seen = Object.keys(process.env).filter((name) => name.startsWith('SLURM'));
      if (seen.length > 0) throw new Error('a stage sees ' + seen.join(' '));
      writeJson(outputs.num, { v: readFileSync(inputs.words.path, 'utf8').length });
    };`,
  'stages/sum/run.ts': `
    import { readJson, writeJson } from '${engine}/runtime.ts';
    export const run = async ({ inputs, outputs }: any) => writeJson(outputs.num, { v: inputs.nums.reduce((a: number, f: any) => a + (readJson(f) as any).v, 0) });`,
};

/** @param {string} root @param {Record<string, string>} [overrides] */
export function makeProject(root, overrides = {}) {
  rmSync(root, { recursive: true, force: true });
  for (const [path, text] of Object.entries({ ...files, ...overrides })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
}
