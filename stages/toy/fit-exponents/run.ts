import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import type { fitExponents } from './stage.ts';
import { beyondReach } from '../beyond-reach.ts';
import { lowStart } from '../low-start.ts';
import { readAs } from '../readings.ts';
import { fitSweep, missingModels } from './fit.ts';

export const run: StageRun<typeof fitExponents> = async ({ params, inputs, outputs }) => {
  const summaries = inputs.measurements.map((file) => {
    const { summary, ...byFeature } = readJson(file);
    return {
      ...readAs(summary, params.readings),
      beyondReach: beyondReach(byFeature),
      lowStart: lowStart(byFeature),
      measurement: createHash('sha256').update(readFileSync(file.path)).digest('hex'),
    };
  });
  const { experiment, ranges, cells } = params;
  writeJson(outputs.sweep, fitSweep(experiment, ranges, summaries, missingModels(experiment, cells, summaries)));
};
