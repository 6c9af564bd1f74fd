import { writeFileSync } from 'node:fs';
import { NotRun, readJson, writeJson } from 'repro/runtime';
import type { InputFile, StageRun } from 'repro/runtime';
import { languageModel } from '../../../numerics/language-models/configuration.ts';
import { weightBytes } from '../../../numerics/language-models/checkpoint-weights.ts';
import type { LanguageModel } from '../../../numerics/language-models/language-model.ts';
import { batchesByLength, rowsOf } from '../../../numerics/language-models/text-batches.ts';
import type { TokenIds } from '../../../numerics/language-models/text-batches.ts';
import { encodeSafetensors } from '../../../numerics/checkpoints/safetensors.ts';
import { limitedTokenizer } from '../../../numerics/tokenizers/limited-tokenizer.ts';
import type { Tokenizer } from '../../toy/artifacts.ts';
import { openCheckpoint } from '../fetch-llm/checkpoint.ts';
import { openHub } from '../fetch-llm/hub/request.ts';
import { hubSettings } from '../fetch-llm/hub/settings.ts';
import { readTexts } from '../fetch-llm/texts/texts-file.ts';
import { readFinished, saveFinished } from './finished-texts.ts';
import { lossTables } from './loss-tables.ts';
import { ModelEvaluation } from './model-evaluation.ts';
import { providerFault } from './part-sessions.ts';
import type { Provider } from './part-sessions.ts';
import { maxResidentBytes } from './resident-bytes.ts';
import type { evalLlm } from './stage.ts';

/** Of a batch: enough for matrix products at full speed, little enough that scores of attention stay in the caches. */
const batchTokens = 2048;

/** The share of the time for reading and hashing the checkpoint, tokenizing included. */
const preparation = 0.05;

/** Of results not yet written, at most. */
const unsavedTokens = 131072;

/** The code of the stage on one provider. */
export function evaluateWith(provider: Provider): StageRun<typeof evalLlm> {
  return async ({ params, inputs, outputs, scratch, signal, progress }) => {
    const fault = await providerFault(provider);
    if (fault) throw new NotRun(`ONNX Runtime cannot use ${provider} here: ${fault}`);
    const checkpoint = readJson(inputs.checkpoint);
    const name = `${checkpoint.repository} at ${checkpoint.commit.slice(0, 12)}`;
    const model = languageModel(checkpoint.config, `${name}: config.json`);
    const texts = await tokenized(inputs, model, params, signal);
    const lengths = texts.map(({ length }) => length);
    const finished = readFinished(scratch);
    const done = new Set(finished.map(({ text }) => text));
    const batches = batchesByLength(lengths, batchTokens);
    const left = batches.filter((batch) => !batch.texts.every((text) => done.has(text)));
    if (batches.length === 0)
      throw new Error(`${inputs.texts.node}: ${texts.length} texts of ${params.dataset}, none of two tokens or more`);

    if (left.length > 0) {
      const source = await openCheckpoint(openHub(hubSettings(), signal), checkpoint, scratch, (share) =>
        progress(preparation * share),
      );
      const work = model.layers * (weightBytes(model).layer / 4) + model.head.shape[0] * model.head.shape[1];
      const rows = (chosen: typeof batches) => chosen.reduce((sum, batch) => sum + rowsOf(batch), 0);
      let multiplied = work * (rows(batches) - rows(left));
      const advance = (multiplications: number): void => {
        signal.throwIfAborted();
        multiplied += multiplications;
        progress(preparation + (1 - preparation) * (multiplied / (work * rows(batches))));
      };
      const evaluation = new ModelEvaluation(model, source, name, {
        provider,
        maxResidentBytes: maxResidentBytes(),
        scratch,
        advance,
      });
      try {
        for (const shard of evaluation.shards(left, unsavedTokens)) {
          const results = await evaluation.losses(texts, shard);
          saveFinished(scratch, results);
          finished.push(...results);
        }
      } finally {
        await evaluation.close();
        await source.close();
      }
    }

    const bad = finished.find(({ losses }) => !losses.every(Number.isFinite));
    if (bad) throw new Error(`${name}: text ${bad.text} of ${params.dataset}: a loss that is not finite`);
    const { totals, byText, byToken } = lossTables(lengths, finished);
    writeJson(outputs.loss, { model: params.model, dataset: params.dataset, ...totals });
    writeJson(outputs.textLosses, byText);
    const { begin, loss } = byToken;
    writeFileSync(
      outputs.tokenLosses.path,
      encodeSafetensors({
        loss: { dtype: 'F32', shape: [loss.length], data: loss },
        begin: { dtype: 'I32', shape: [begin.length], data: begin },
      }),
    );
  };
}

async function tokenized(
  inputs: { readonly tokenizer: InputFile<typeof Tokenizer>; readonly texts: InputFile },
  model: LanguageModel,
  { maximumTexts, maximumTokens }: { readonly maximumTexts: number; readonly maximumTokens: number },
  signal: AbortSignal,
): Promise<TokenIds[]> {
  const { repository, files } = readJson(inputs.tokenizer);
  const tokenizer = limitedTokenizer(files, `the tokenizer of ${repository}`);
  const longest = Math.min(maximumTokens, model.maximumLength);
  const texts: TokenIds[] = [];
  try {
    for await (const text of readTexts(inputs.texts.path)) {
      if (texts.length === maximumTexts) break;
      signal.throwIfAborted();
      const ids = (await tokenizer.encode(text, { special: true })).slice(0, longest);
      const unknown = ids.find((id) => id < 0 || id >= model.vocabulary);
      if (unknown !== undefined)
        throw new Error(
          `the tokenizer of ${repository}: token ${unknown}: expected one of the model's ${model.vocabulary}`,
        );
      texts.push(ids);
    }
    return texts;
  } finally {
    await tokenizer.close();
  }
}
