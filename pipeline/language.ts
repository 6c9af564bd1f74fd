/** The half of the paper's method that is on language models: what is published of them, and what is measured on them. */
import { InputError, didYouMean, firstError, parseJson, source } from 'repro';
import type { BuildContext, Handle, ValueOf } from 'repro';
import type { DataSet } from './language-model-parameters.ts';
import type { Parameters } from './parameters.ts';
import type { Texts } from '../stages/toy/artifacts.ts';
import { LanguageModels } from '../stages/toy/artifacts.ts';
import { evalLlm } from '../stages/language/eval-llm/stage.ts';
import { fetchCheckpoint } from '../stages/language/fetch-checkpoint/stage.ts';
import { fetchHead } from '../stages/language/fetch-head/stage.ts';
import { fetchTexts } from '../stages/language/fetch-texts/stage.ts';
import { fetchTokenizer } from '../stages/language/fetch-tokenizer/stage.ts';
import { fitHeads } from '../stages/language/fit-heads/stage.ts';
import { fitLosses } from '../stages/language/fit-losses/stage.ts';
import { fitSizes } from '../stages/language/fit-sizes/stage.ts';
import { fitTokens } from '../stages/language/fit-tokens/stage.ts';
import { SizeTable } from '../stages/language/artifacts.ts';
import type { HeadFits, HeadMeasurement, LossFits, SizeFits, TokenFits } from '../stages/language/artifacts.ts';
import { measureHead } from '../stages/language/measure-head/stage.ts';
import type { FigureNeeds } from '../stages/figures/needs.ts';
import { resolveRepository } from '../stages/language/resolve-repository/stage.ts';
import { tokenFrequencies } from '../stages/language/token-freq/stage.ts';

export interface LanguageHalf {
  readonly published: Handle<typeof LanguageModels>;
  readonly sizes: Handle<typeof SizeFits>;
  /** These are undefined where the parameter set does not ask for them. */
  readonly heads: Handle<typeof HeadFits> | undefined;
  /** The head whose norms Fig. 19 shows: that of OPT-125M, or the first. */
  readonly head: Handle<typeof HeadMeasurement> | undefined;
  readonly losses: Handle<typeof LossFits> | undefined;
  readonly tokens: Handle<typeof TokenFits> | undefined;
}

export function languageModels({ llm, seed }: Parameters, { file, readText }: BuildContext): LanguageHalf {
  // Fig. 23: sizes and widths as published.
  const published = source(llm.published, LanguageModels);
  const { sizes } = fitSizes(
    { draws: llm.draws, seed },
    { languageModels: published, chinchilla: source(llm.chinchilla, SizeTable) },
  );
  const models = chosenModels(llm, file, readText(llm.published));
  if (!models.length)
    return { published, sizes, heads: undefined, head: undefined, losses: undefined, tokens: undefined };

  const repository = (kind: 'model' | 'dataset', name: string, folder = '', revision = llm.revisions[name] ?? 'main') =>
    resolveRepository({ kind, repository: name, revision, folder }, {}).listing;
  const texts = (set: DataSet, enough: { readonly count: number; readonly words?: number }): Handle<typeof Texts> => {
    const { repository: name, folder, files, field, joinedWords } = set;
    return fetchTexts(
      { repository: name, files, field, joinedWords, ...enough },
      { listing: repository('dataset', name, folder, llm.revisions[name] ?? set.revision) },
    ).texts;
  };

  // Figs. 8a, 19, 20 and Eq. 14: only the head of a checkpoint is read.
  const measured = models.map(({ model, family, vocabulary: n, width: m, bytesPerNumber }) => {
    const { head, origin } = fetchHead(
      { repository: model, vocabulary: n, width: m, bytesPerNumber },
      { listing: repository('model', model) },
    );
    return { model, read: { head, origin }, ...measureHead({ model, family, n, m, pairs: llm.pairs, seed }, { head }) };
  });
  const { heads } = fitHeads(
    { models: models.map(({ model }) => model) },
    { heads: measured.map(({ measurement }) => measurement) },
  );
  const head = (measured.find(({ model }) => model === 'facebook/opt-125m') ?? measured[0]!).measurement;

  // Figs. 8b and 21: every model on every data set, and Eq. 8 fitted to all losses at once.
  const { evaluation } = llm;
  const losses = evaluation
    ? fitLosses(
        // The width of the layers: opt-350m's head is narrower.
        {
          models: models.map(({ model, family, width, residualWidth }) => ({
            model,
            family,
            m: residualWidth ?? width,
          })),
          dataSets: evaluation.dataSets.map(({ name }) => name),
          draws: llm.draws,
          seed,
        },
        {
          losses: models.flatMap(({ model, parameters, bytesPerNumber }) => {
            const { read } = measured.find((one) => one.model === model)!;
            const listing = repository('model', model);
            const { checkpoint } = fetchCheckpoint(
              { repository: model, parameters, bytesPerNumber },
              { listing, ...read },
            );
            const { tokenizer } = fetchTokenizer({ repository: model }, { listing });
            const { texts: maximumTexts, maximumTokens } = evaluation;
            return evaluation.dataSets.map(
              (set) =>
                evalLlm(
                  { model, dataset: set.name, parameters, maximumTexts, maximumTokens },
                  { checkpoint, tokenizer, texts: texts(set, { count: maximumTexts }) },
                ).loss,
            );
          }),
        },
      ).losses
    : undefined;

  // Fig. 22: models of a family share their tokenizer. A word, and a text, has at least one token.
  const { tokens: counting } = llm;
  const first = models.filter(({ family }, i) => models.findIndex((other) => other.family === family) === i);
  const tokens = counting
    ? fitTokens(
        { wanted: first.flatMap(({ family }) => counting.dataSets.map(({ name }) => `${family} on ${name}`)) },
        {
          frequencies: first.flatMap(({ model, family }) => {
            const { tokenizer } = fetchTokenizer({ repository: model }, { listing: repository('model', model) });
            return counting.dataSets.map(
              (set) =>
                tokenFrequencies(
                  { tokenizer: family, dataset: set.name, tokens: counting.count },
                  { tokenizer, texts: texts(set, { count: counting.count, words: counting.count }) },
                ).frequencies,
            );
          }),
        },
      ).tokens
    : undefined;

  return { published, sizes, heads, head, losses, tokens };
}

/** The models asked for, as published. Throws an InputError for one that is not. */
function chosenModels({ published, models }: Parameters['llm'], file: string, text: string) {
  const facts = parseJson(text, published);
  const error = firstError(LanguageModels.schema!, facts);
  if (error) throw new InputError(`${published}: ${error}`);
  const known = (facts as ValueOf<typeof LanguageModels>).families.flatMap(({ family, bytesPerNumber, models: own }) =>
    own.map((model) => ({ ...model, family, bytesPerNumber })),
  );
  return models.map((name, i) => {
    const found = known.find(({ model }) => model === name);
    if (!found)
      throw new InputError(
        `${file}: llm.models[${i}] = "${name}": not in ${published}${didYouMean(
          name,
          known.map(({ model }) => model),
        )}`,
      );
    return found;
  });
}

/** What a figure reads of this half, as its stage takes it: a list of one, or of none where the figure has no use for it. */
export function figureInputs(
  { sizes, heads, head, losses, tokens }: LanguageHalf,
  { language, besideLosses }: Pick<FigureNeeds, 'language' | 'besideLosses'>,
) {
  const listed = <H>(handle: H | undefined, wanted: boolean): H[] => (wanted && handle ? [handle] : []);
  return {
    sizes: listed(sizes, language === 'sizes'),
    heads: listed(heads, language === 'heads'),
    head: listed(head, language === 'head'),
    losses: listed(losses, language === 'losses'),
    tokens: listed(tokens, language === 'tokens'),
    besideLosses: listed(losses, besideLosses === true),
  };
}
