import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import type { fitExponents } from './stage.ts';
import { readAs } from '../readings.ts';
import { fitSweep } from './fit.ts';

export const run: StageRun<typeof fitExponents> = async ({ params, inputs, outputs }) => {
  const summaries = inputs.measurements.map((measurement) => readAs(readJson(measurement).summary, params.readings));
  writeJson(outputs.sweep, fitSweep(params.experiment, params.ranges, summaries));
};
