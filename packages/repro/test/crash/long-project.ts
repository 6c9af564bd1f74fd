import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

/**
 * 40 nodes: 32 parts, 6 sums of them, a long one that saves a checkpoint after each of its steps, and the total.
 * With a file `told/hold` the long one waits at its fifth step until it is told to stop. Each tells a file beside the project when it starts and ends, and the long one each of its steps: a side channel
 * that no key knows of.
 */
export function longProject(): Project & {
  readonly told: () => string[];
  readonly telling: Readonly<Record<string, string>>;
} {
  const project = makeProject({
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline } from '$engine/index.ts';
      import { long, part, sum } from './stages/declarations.ts';
      export default definePipeline({
        name: 'long',
        params: Type.Object({}),
        build: () => {
          const parts = Array.from({ length: 32 }, (_, i) => part({ i }, {}).number);
          const sums = Array.from({ length: 6 }, (_, i) => sum({ i }, { numbers: parts.filter((_, j) => j % 6 === i) }).number);
          const slow = long({ steps: ${longSteps} }, { first: parts[0]! }).number;
          return { files: { 'total.json': sum({ i: 6 }, { numbers: [...sums, slow] }).number } };
        },
      });`,
    'stages/declarations.ts': `
      import { Type } from '@sinclair/typebox';
      import { defineStage, json, many } from '$engine/index.ts';
      export const Number = json('number', Type.Number());
      export const part = defineStage({ name: 'part', summary: '', settings: ['TOLD'], params: Type.Object({ i: Type.Integer() }), inputs: {}, outputs: { number: Number } });
      export const sum = defineStage({ name: 'sum', summary: '', settings: ['TOLD'], params: Type.Object({ i: Type.Integer() }), inputs: { numbers: many(Number) }, outputs: { number: Number } });
      export const long = defineStage({ name: 'long', summary: '', settings: ['TOLD'], params: Type.Object({ steps: Type.Integer() }), inputs: { first: Number }, outputs: { number: Number }, cost: () => 100 });`,
    'stages/tell.ts': `
      import { appendFileSync } from 'node:fs';
      const run = process.ppid;
      // What outlives its killed run for a moment would count as a start of the next one.
      export const tell = (what: string): void => {
        if (!what.startsWith('start') || process.ppid === run) appendFileSync(process.env['TOLD']!, what + '\\n');
      };`,
    'stages/part/run.ts': `
      import { writeJson } from '$engine/runtime.ts';
      import { tell } from '../tell.ts';
      export const run = async ({ node, params, outputs }: any): Promise<void> => {
        tell('start ' + node);
        for (const until = performance.now() + 4; performance.now() < until; );
        writeJson(outputs.number, params.i * params.i);
        tell('end ' + node);
      };`,
    'stages/sum/run.ts': `
      import { readJson, writeJson } from '$engine/runtime.ts';
      import { tell } from '../tell.ts';
      export const run = async ({ node, inputs, outputs }: any): Promise<void> => {
        tell('start ' + node);
        writeJson(outputs.number, inputs.numbers.reduce((total: number, one: any) => total + readJson<any>(one), 0));
        tell('end ' + node);
      };`,
    'stages/long/run.ts': `
      import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
      import { dirname, join } from 'node:path';
      import { setImmediate, setTimeout } from 'node:timers/promises';
      import { readJson, writeJson } from '$engine/runtime.ts';
      import { tell } from '../tell.ts';
      export const run = async ({ node, params, inputs, outputs, scratch, signal, progress }: any): Promise<void> => {
        const checkpoint = join(scratch, 'checkpoint.json');
        let { step, value } = existsSync(checkpoint) ? JSON.parse(readFileSync(checkpoint, 'utf8')) : { step: 0, value: readJson<any>(inputs.first) };
        tell('start ' + node);
        while (step < params.steps) {
          for (const until = performance.now() + 6; performance.now() < until; );
          value = (value * 31 + step) % 1000003;
          tell('step ' + step++);
          writeFileSync(checkpoint + '.new', JSON.stringify({ step, value }));
          renameSync(checkpoint + '.new', checkpoint);
          progress(step / params.steps);
          await setImmediate();
          const hold = step === 5 ? join(dirname(process.env['TOLD']!), 'hold') : undefined;
          while (hold && existsSync(hold) && !signal.aborted) await setTimeout(2);
          signal.throwIfAborted();
        }
        writeJson(outputs.number, value);
        tell('end ' + node);
      };`,
  });
  const file = project.path('told', 'log');
  mkdirSync(join(file, '..'));
  appendFileSync(file, '');
  return {
    ...project,
    telling: { TOLD: file },
    told: () => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').filter(Boolean) : []),
  };
}

export const longSteps = 40;
export const longNodes = 40;
