import { writeFileSync } from 'node:fs';
import { readJson, writeJson } from '../../engine/runtime.ts';
import type { StageRun } from '../../engine/runtime.ts';
import { judgeClaims } from './claims/judge-claims.ts';
import { renderReport } from './markdown.ts';
import type { report } from './stage.ts';

export const run: StageRun<typeof report> = async ({ params, inputs, outputs }) => {
  const judged = judgeClaims(params.claims, {
    sweeps: inputs.sweeps.map((sweep) => readJson(sweep)),
    random: inputs.random && readJson(inputs.random),
    languageModels: readJson(inputs.languageModels),
  });
  writeJson(
    outputs.claims,
    judged.map(({ result }) => result),
  );
  const captions = inputs.captions.map((caption) => readJson(caption));
  const variants = inputs.variants.map((comparison) => readJson(comparison));
  writeFileSync(outputs.markdown.path, renderReport({ ...params, judged, captions, variants }));
};
