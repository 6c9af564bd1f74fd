import { writeFileSync } from 'node:fs';
import { judgeClaims } from 'repro/claims';
import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { featuresLeftOut } from './beyond/left-out.ts';
import { findingsBeyondClaims } from './beyond/findings.ts';
import { withZeroBiases } from './claims/zero-biases.ts';
import { checkIndependence, publishedSources } from './claims/published-sources.ts';
import { vocabulary } from './claims/vocabulary.ts';
import { renderReport } from './markdown.ts';
import { replicationFigure } from './replication/figure.ts';
import { compareWithPublished } from './replication/compare.ts';
import { judgeWorlds } from './multiverse/judge-worlds.ts';
import { worldsFigure } from './multiverse/figure.ts';
import type { report } from './stage.ts';

export const run: StageRun<typeof report> = async ({ params, inputs, outputs }) => {
  const sweeps = inputs.sweeps.map((sweep) => readJson(sweep));
  const heads = inputs.heads && readJson(inputs.heads);
  const losses = inputs.losses && readJson(inputs.losses);
  const sources = {
    sweeps,
    random: inputs.random && readJson(inputs.random),
    languageModels: readJson(inputs.languageModels),
    sizes: readJson(inputs.sizes),
    readsModels: params.readsModels,
    heads,
    losses,
    tokens: inputs.tokens && readJson(inputs.tokens),
  };
  const zero = withZeroBiases(sources);
  const points = readJson(inputs.points);
  checkIndependence(sweeps, points);
  const judged = judgeClaims(params.claims, vocabulary, sources, {
    published: { sources: publishedSources(points), enough: false },
    ...(zero && { 'zero-biases': { sources: zero } }),
  });
  const multiverse = judgeWorlds(params.claims, vocabulary, sources);
  const results = judged.map((result) => ({ ...result, worlds: multiverse.verdicts[result.id]! }));
  writeJson(outputs.claims, results);
  writeFileSync(outputs.worlds.path, worldsFigure(results));
  writeFileSync(outputs.replication.path, replicationFigure(compareWithPublished(sweeps, points)));
  const { sets, seeds } = readJson(inputs.power);
  const power = sets[params.set] && { seeds, claims: sets[params.set]! };
  const firstSteps = inputs.firstSteps && readJson(inputs.firstSteps);
  const captions = inputs.captions.map((caption) => readJson(caption));
  const variants = inputs.variants.map((comparison) => readJson(comparison));
  const beyond = findingsBeyondClaims(sweeps, readJson(inputs.published), { heads, losses });
  const observed = featuresLeftOut(sweeps);
  writeFileSync(
    outputs.markdown.path,
    renderReport({
      ...params,
      results,
      captions,
      variants,
      beyond,
      observed,
      sweeps,
      points,
      multiverse,
      power,
      firstSteps,
      trainers: readJson(inputs.trainers),
    }),
  );
};
