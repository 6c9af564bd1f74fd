// oxlint-disable typescript/no-misused-promises -- finally waits for the promise
import { readJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { limitedTokenizer } from '../../../numerics/tokenizers/limited-tokenizer.ts';
import { readTexts } from '../fetch-llm/texts/texts-file.ts';
import { countTokens } from './count.ts';
import type { tokenFrequencies } from './stage.ts';

export const run: StageRun<typeof tokenFrequencies> = async ({ node, params, inputs, outputs, signal, progress }) => {
  const { tokenizer, dataset, tokens: limit } = params;
  async function* texts(): AsyncGenerator<string> {
    for await (const text of readTexts(inputs.texts.path)) {
      signal.throwIfAborted();
      yield text;
    }
  }
  const encoder = limitedTokenizer(readJson(inputs.tokenizer).files, `the tokenizer of ${tokenizer}`);
  const counted = await countTokens(
    texts(),
    (text) => encoder.encode(text, { special: false }),
    limit,
    (done) => progress(done),
  ).finally(() => encoder.close());
  if (counted.counts.length < 2)
    throw new Error(
      `${node}: ${counted.counts.length} different tokens in ${counted.texts} texts of ${dataset}: expected at least 2`,
    );
  writeJson(outputs.frequencies, { tokenizer, dataset, ...counted });
};
