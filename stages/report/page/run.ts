import { readFileSync, writeFileSync } from 'node:fs';
import { readJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { renderResultsPage } from './page.ts';
import type { resultsPage } from './stage.ts';

export const run: StageRun<typeof resultsPage> = async ({ params, inputs, outputs }) => {
  const figures = inputs.captions.map((caption, i) => ({
    ...readJson(caption),
    svg: readFileSync(inputs.drawings[i]!.path, 'utf8'),
  }));
  const sweeps = inputs.sweeps.map((sweep) => readJson(sweep));
  const page = renderResultsPage({
    ...{ ...params, results: readJson(inputs.claims), sweeps, figures, points: readJson(inputs.points) },
    firstSteps: inputs.firstSteps && readJson(inputs.firstSteps),
    trainers: readJson(inputs.trainers),
  });
  writeFileSync(outputs.page.path, page);
};
