import { createHash } from 'node:crypto';
import { canonicalJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { resolveRepository } from '../fetch-llm/hub/repository.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { rememberRevision } from '../fetch-llm/hub/saved-listings.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { checkPin, parsePin } from '../fetch-llm/pin.ts';
import type { resolveRepository as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, outputs, signal, pin }) => {
  const hub = openHub(hubSettings(), signal);
  const what = `${params.repository} at ${params.revision}`;
  const revision = pin === undefined ? params.revision : parsePin(what, pin).commit;
  const listing = await resolveRepository(hub, { ...params, revision });
  // What a branch stood for when it was pinned is not what it stands for: others share the cache.
  if (pin === undefined) await rememberRevision(hub.settings.cache, listing, params.revision);
  const sha256 = createHash('sha256').update(canonicalJson(listing.files)).digest('hex');
  writeJson(outputs.listing, { ...listing, pin: checkPin(`${what}: the list of files`, pin, listing.commit, sha256) });
};
