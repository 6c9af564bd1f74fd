import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { fetchCheckpoint, openCheckpoint } from '../fetch-llm/checkpoint.ts';
import { compareHead } from '../fetch-llm/compare-head.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import type { fetchCheckpoint as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal, progress }) => {
  const listing = readListing(inputs.listing, params.repository);
  const hub = openHub(hubSettings(), signal);
  const checkpoint = await fetchCheckpoint(hub, listing, scratch, progress);
  if (inputs.head && inputs.origin) {
    const source = await openCheckpoint(hub, checkpoint, scratch);
    const { path } = inputs.head;
    const { tensor } = readJson(inputs.origin);
    // oxlint-disable-next-line typescript/no-misused-promises -- finally waits for the promise
    await compareHead(params.repository, { path, tensor }, source).finally(() => source.close());
  }
  writeJson(outputs.checkpoint, checkpoint);
};
