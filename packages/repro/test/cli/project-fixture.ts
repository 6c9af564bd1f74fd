import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

/** `gen[i=0..count-1]` each make a number, `sum` adds them up; `claims` judges the sum. */
export function sumProject(overrides: Readonly<Record<string, string>> = {}): Project {
  return makeProject({
    'params/quick.json': '{"count": 3, "base": 1}',
    'params/claims.json': '{"low": 0, "high": 100}',
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline, source } from '$engine/index.ts';
      import { claims, gen, Limits, sum } from './stages/declarations.ts';
      export default definePipeline({
        name: 'sums',
        defaultSet: 'quick',
        examples: { set: 'ci', stage: 'gen', node: 'gen[i=1]', override: 'base=2' },
        params: Type.Object({ count: Type.Integer({ minimum: 1 }), base: Type.Number(), decides: Type.Array(Type.String(), { default: ['in-range'] }) }, { additionalProperties: false }),
        schemas: { 'params/claims.json': Limits.schema },
        build: ({ count, base, decides }) => {
          const nums = Array.from({ length: count }, (_, i) => gen({ i, base }, {}).num);
          const total = sum({}, { nums }).num;
          const results = claims({}, { total, limits: source('params/claims.json', Limits) }).results;
          return {
            files: { 'sum.json': total, 'claims.json': results },
            claims: { results, decides, acknowledged: {} },
          };
        },
      });`,
    'stages/declarations.ts': `
      import { Type } from '@sinclair/typebox';
      import { ClaimResults, defineStage, json, many } from '$engine/index.ts';
      export const Num = json('num', Type.Object({ v: Type.Number() }));
      export const Limits = json('limits', Type.Object({ low: Type.Number(), high: Type.Number() }));
      export const gen = defineStage({ name: 'gen', summary: 'makes a number', params: Type.Object({ i: Type.Integer(), base: Type.Number() }), inputs: {}, outputs: { num: Num } });
      export const sum = defineStage({ name: 'sum', summary: 'adds numbers up', params: Type.Object({}), inputs: { nums: many(Num) }, outputs: { num: Num } });
      export const claims = defineStage({ name: 'claims', summary: 'judges the sum', params: Type.Object({}), inputs: { total: Num, limits: Limits }, outputs: { results: ClaimResults } });`,
    'stages/gen/run.ts': `
      import type { gen } from '../declarations.ts';
      import { writeJson } from '$engine/runtime.ts';
      import type { StageRun } from '$engine/runtime.ts';
      export const run: StageRun<typeof gen> = async ({ params, outputs }) => writeJson(outputs.num, { v: params.i * 2 + params.base });`,
    'stages/sum/run.ts': `
      import type { sum } from '../declarations.ts';
      import { readJson, writeJson } from '$engine/runtime.ts';
      import type { StageRun } from '$engine/runtime.ts';
      export const run: StageRun<typeof sum> = async ({ inputs, outputs }) => writeJson(outputs.num, { v: inputs.nums.reduce((a, f) => a + readJson(f).v, 0) });`,
    'stages/claims/run.ts': `
      import type { claims } from '../declarations.ts';
      import { readJson, writeJson } from '$engine/runtime.ts';
      import type { StageRun } from '$engine/runtime.ts';
      export const run: StageRun<typeof claims> = async ({ inputs, outputs }) => {
        const { v } = readJson(inputs.total);
        const { low, high } = readJson(inputs.limits);
        const claim = (id: string, verdict: 'reproduced' | 'not-reproduced' | 'not-run') => ({
          id, sentence: 'The sum is in range.', source: 'Sec. 1', by: 'paper', theme: 'Sums', verdict, alternatives: {},
          parts: [{
            id: 'a', quantity: 'sum', rule: 'within', verdict, expected: 'in [' + low + ', ' + high + ']', measuredText: String(v), measured: v,
            standardError: null, low: null, high: null, errorFrom: null, seeds: null, cells: { used: 1, planned: 1, design: 1 }, detail: '',
          }],
        });
        writeJson(outputs.results, [claim('in-range', v >= low && v <= high ? 'reproduced' : 'not-reproduced'), claim('elsewhere', 'not-run')]);
      };`,
    ...overrides,
  });
}
