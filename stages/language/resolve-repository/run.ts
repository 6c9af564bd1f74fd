import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { resolveRepository } from '../fetch-llm/hub/repository.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { rememberRevision } from '../fetch-llm/hub/saved-listings.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import type { resolveRepository as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, outputs, signal, pin }) => {
  const hub = openHub(hubSettings(), signal);
  const listing = await resolveRepository(hub, { ...params, revision: pin ?? params.revision });
  // What a branch stood for when it was pinned is not what it stands for: others share the cache.
  if (pin === undefined) await rememberRevision(hub.settings.cache, listing, params.revision);
  writeJson(outputs.listing, listing);
};
