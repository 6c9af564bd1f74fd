import { writeJson } from '../../engine/runtime.ts';
import type { StageRun } from '../../engine/runtime.ts';
import { fetchCheckpoint } from '../fetch-llm/checkpoint.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import type { fetchCheckpoint as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal, progress }) => {
  const listing = readListing(inputs.listing, params.repository);
  writeJson(outputs.checkpoint, await fetchCheckpoint(openHub(hubSettings(), signal), listing, scratch, progress));
};
