import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { fetchHead } from '../fetch-llm/head.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import { checkPin, fileSha256 } from '../fetch-llm/pin.ts';
import type { fetchHead as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal, progress, pin }) => {
  const { repository, vocabulary, width } = params;
  const listing = readListing(inputs.listing, repository);
  const { file, tensor } = await fetchHead(openHub(hubSettings(), signal), listing, {
    vocabulary,
    width,
    path: outputs.head.path,
    scratch,
    progress,
  });
  const sha256 = await fileSha256(outputs.head.path);
  const checked = checkPin(`${repository}/${file}: the head`, pin, listing.commit, sha256);
  writeJson(outputs.origin, { file, tensor, pin: checked });
};
