import { writeFileSync } from 'node:fs';
import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { featuresLeftOut } from './beyond/left-out.ts';
import { findingsBeyondClaims } from './beyond/findings.ts';
import { judgeClaims } from './claims/judge-claims.ts';
import { atScale } from './claims/scale.ts';
import { renderReport } from './markdown.ts';
import type { report } from './stage.ts';

export const run: StageRun<typeof report> = async ({ params, inputs, outputs }) => {
  const { claims, decides, reducedScale } = params;
  const sweeps = inputs.sweeps.map((sweep) => readJson(sweep));
  const heads = inputs.heads && readJson(inputs.heads);
  const losses = inputs.losses && readJson(inputs.losses);
  const here = judgeClaims(claims, {
    sweeps,
    random: inputs.random && readJson(inputs.random),
    languageModels: readJson(inputs.languageModels),
    sizes: readJson(inputs.sizes),
    readsModels: params.readsModels,
    heads,
    losses,
    tokens: inputs.tokens && readJson(inputs.tokens),
  });
  const reduced = reducedScale !== undefined &&
    inputs.reduced && { set: reducedScale, results: readJson(inputs.reduced) };
  const judged = reduced ? here.map((claim, i) => atScale(claim, claims[i]!, decides, reduced)) : here;
  writeJson(
    outputs.claims,
    judged.map(({ result }) => result),
  );
  const captions = inputs.captions.map((caption) => readJson(caption));
  const variants = inputs.variants.map((comparison) => readJson(comparison));
  const beyond = findingsBeyondClaims(sweeps, readJson(inputs.published), { heads, losses });
  writeFileSync(
    outputs.markdown.path,
    renderReport({ ...params, judged, captions, variants, beyond, observed: featuresLeftOut(sweeps) }),
  );
};
