import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { StageRun } from '../../engine/runtime.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readListing } from '../fetch-llm/listing.ts';
import { fetchTexts, wordsOf } from '../fetch-llm/texts/texts.ts';
import type { fetchTexts as stage } from './stage.ts';

export const run: StageRun<typeof stage> = async ({ params, inputs, outputs, scratch, signal, progress }) => {
  const { repository, ...request } = params;
  const listing = readListing(inputs.listing, repository);
  const stream = createWriteStream(outputs.texts.path);
  let count = 0;
  let words = 0;
  for await (const text of fetchTexts(openHub(hubSettings(), signal), listing, request, scratch)) {
    if (!stream.write(JSON.stringify({ text }) + '\n')) await once(stream, 'drain');
    words += wordsOf(text);
    progress(Math.max(++count / params.count, params.words === undefined ? 0 : Math.min(1, words / params.words)));
  }
  stream.end();
  await once(stream, 'finish');
};
