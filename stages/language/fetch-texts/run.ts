import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import { checkPin, fileSha256 } from '../fetch-llm/pin.ts';
import { writeTexts } from '../fetch-llm/texts/texts-file.ts';
import { fetchTexts, wordsOf } from '../fetch-llm/texts/texts.ts';
import type { fetchTexts as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal, progress, pin }) => {
  const { repository, ...request } = params;
  const listing = readListing(inputs.listing, repository);
  async function* watched(): AsyncGenerator<string> {
    let count = 0;
    let words = 0;
    for await (const text of fetchTexts(openHub(hubSettings(), signal), listing, request, scratch)) {
      yield text;
      words += wordsOf(text);
      progress(Math.min(1, Math.max(++count / request.count, words / (request.words ?? Infinity))));
    }
  }
  await writeTexts(outputs.texts.path, watched());
  const sha256 = await fileSha256(outputs.texts.path);
  const what = `${repository}/${params.files}: its first texts`;
  writeJson(outputs.origin, { pin: checkPin(what, pin, listing.commit, sha256) });
};
