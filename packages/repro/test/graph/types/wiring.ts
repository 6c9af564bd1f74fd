/**
 * Compiled by `npm run typecheck`, never run. Every `@ts-expect-error` is a mistake that must not compile: the compiler
 * complains about one that does. Everything else is right and must compile.
 */
import { Type } from '@sinclair/typebox';
import { ClaimResults, defineStage, definePipeline, file, json, many, optional, source } from '../../../src/index.ts';
import type { ContextOf, StageRun } from '../../../src/index.ts';
import { readJson, writeJson } from '../../../src/runtime.ts';

const Weights = file('weights', '.safetensors');
const Losses = json('losses', Type.Object({ loss: Type.Number() }));
/** The same content as Losses under another name: still another type. */
const Scores = json('scores', Type.Object({ loss: Type.Number() }));

const train = defineStage({
  name: 'train',
  summary: '',
  params: Type.Object({ n: Type.Integer(), decay: Type.Optional(Type.Number()) }),
  inputs: {},
  outputs: { weights: Weights, losses: Losses },
});
const measure = defineStage({
  name: 'measure',
  summary: '',
  params: Type.Object({}),
  inputs: { weights: Weights, losses: many(Losses), extra: optional(Scores) },
  outputs: { scores: Scores },
});

export default definePipeline({
  name: 'fixture',
  params: Type.Object({ n: Type.Integer() }),
  build: ({ n }) => {
    const { weights, losses } = train({ n }, {});
    const { scores } = measure({}, { weights, losses: [losses], extra: undefined });
    measure({}, { weights: source('w.safetensors', Weights), losses: [], extra: scores });

    // @ts-expect-error a wrong artifact type
    measure({}, { weights: losses, losses: [losses], extra: undefined });
    // @ts-expect-error and the other way round
    measure({}, { weights, losses: [weights], extra: undefined });
    // @ts-expect-error a type of the same content by another name
    measure({}, { weights, losses: [scores], extra: undefined });
    // @ts-expect-error one where many are expected
    measure({}, { weights, losses, extra: undefined });
    // @ts-expect-error many where one is expected
    measure({}, { weights: [weights], losses: [], extra: undefined });
    // @ts-expect-error a source file of a wrong type
    measure({}, { weights: source('l.json', Losses), losses: [], extra: undefined });
    // @ts-expect-error a missing input
    measure({}, { losses: [] });
    // @ts-expect-error an unknown input
    measure({}, { weights, losses: [], extra: undefined, more: weights });
    // @ts-expect-error undefined is only for optional inputs
    measure({}, { weights: undefined, losses: [], extra: undefined });
    // @ts-expect-error a parameter of a wrong type
    train({ n: 'ten' }, {});
    // @ts-expect-error a missing parameter
    train({}, {});
    // @ts-expect-error an unknown parameter
    train({ n, m: 3 }, {});
    // @ts-expect-error an output that the stage does not have
    void train({ n }, {}).gradients;
    // @ts-expect-error a parameter that the pipeline does not have
    ((given: { m: number }) => given)({ n });

    return { files: { 'scores.json': scores, 'weights.safetensors': weights } };
  },
});

definePipeline({
  name: 'claims of a wrong type',
  params: Type.Object({}),
  // @ts-expect-error only claim results are judged
  build: () => ({ files: {}, claims: { results: source('c.json', Scores), decides: [], acknowledged: {} } }),
});
definePipeline({
  name: 'claims',
  params: Type.Object({}),
  build: () => ({ files: {}, claims: { results: source('c.json', ClaimResults), decides: [], acknowledged: {} } }),
});

export const run: StageRun<typeof measure> = async ({ inputs, outputs, params }) => {
  const total = inputs.losses.reduce((sum, one) => sum + readJson(one).loss, 0);
  writeJson(outputs.scores, { loss: total });
  const path: string = inputs.weights.path;
  void path;
  // @ts-expect-error the content of another shape
  writeJson(outputs.scores, { score: total });
  // @ts-expect-error an optional input may be absent
  void inputs.extra.path;
  // @ts-expect-error an input that the stage does not declare
  void inputs.frequencies;
  // @ts-expect-error a parameter that the stage does not declare
  void params.n;
  // @ts-expect-error inputs are not for writing
  inputs.weights.path = 'elsewhere';
};

// @ts-expect-error the code of one stage is not that of another
export const other: StageRun<typeof train> = run;
export const contextOf = (context: ContextOf<typeof train>): number => context.params.n;
