import type { StageRun } from 'repro/runtime';
import { fetchHead } from '../fetch-llm/head.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import type { fetchHead as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal, progress }) => {
  const { repository, vocabulary, width } = params;
  const listing = readListing(inputs.listing, repository);
  await fetchHead(openHub(hubSettings(), signal), listing, {
    vocabulary,
    width,
    path: outputs.head.path,
    scratch,
    progress,
  });
};
