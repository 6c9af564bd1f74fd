import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { fetchCheckpoint } from '../fetch-llm/checkpoint.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import type { fetchCheckpoint as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal, progress }) => {
  const listing = readListing(inputs.listing, params.repository);
  writeJson(outputs.checkpoint, await fetchCheckpoint(openHub(hubSettings(), signal), listing, scratch, progress));
};
