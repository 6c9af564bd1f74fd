import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import { fetchTokenizer } from '../fetch-llm/tokenizer.ts';
import type { fetchTokenizer as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal }) => {
  const listing = readListing(inputs.listing, params.repository);
  writeJson(outputs.tokenizer, await fetchTokenizer(openHub(hubSettings(), signal), listing, scratch));
};
