/** Language models as the theory would have them: 27 heads and 108 losses, and token frequencies; with the published sizes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValueOf } from 'repro';
import type { LanguageModels } from '../../../stages/toy/artifacts.ts';
import { fitHeads } from '../../../stages/language/fit-heads/fit.ts';
import { fitLosses } from '../../../stages/language/fit-losses/fit.ts';
import { fitSizes } from '../../../stages/language/fit-sizes/fit.ts';
import { fitTokens } from '../../../stages/language/fit-tokens/fit.ts';
import type { HeadSummary, SizeTable } from '../../../stages/language/artifacts.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';

const published = (name: string): unknown =>
  JSON.parse(
    readFileSync(join(process.env['REPRO_TEST_ROOT'] ?? process.cwd(), `params/published/${name}.json`), 'utf8'),
  );
export const languageModels = published('language-models') as ValueOf<typeof LanguageModels>;
export const sizeTable = published('chinchilla-models') as ValueOf<typeof SizeTable>;

export type PublishedModel = ValueOf<typeof LanguageModels>['families'][number]['models'][number] & {
  readonly family: string;
};
const models: PublishedModel[] = languageModels.families.flatMap(({ family, models }) =>
  models.map((model) => ({ ...model, family })),
);
const datasets = ['wikitext', 'c4', 'pile', 'bookcorpus'];

export interface LanguageWorld {
  readonly head?: (model: PublishedModel) => Partial<HeadSummary>;
  readonly loss?: (model: PublishedModel, m: number, dataset: string) => number;
  /** Exponent of token frequencies. */
  readonly alpha?: (tokenizer: string, dataset: string) => number;
}

type LanguageSources = Pick<Sources, 'readsModels' | 'heads' | 'losses' | 'tokens'> & {
  readonly sizes: NonNullable<Sources['sizes']>;
};

export function publishedSizes(): NonNullable<Sources['sizes']> {
  return fitSizes(languageModels, sizeTable, 20, { families: { k0: 1, k1: 2 }, chinchilla: { k0: 3, k1: 4 } });
}

let ideal: LanguageSources | undefined;

/** The same each time: fits take a while. */
export function idealLanguage(): LanguageSources {
  return (ideal ??= languageWorld());
}

export function languageWorld({
  head = () => ({}),
  loss = (model, m, dataset) => idealLoss(model, m, dataset),
  alpha = () => 1,
}: LanguageWorld = {}): LanguageSources {
  return {
    sizes: publishedSizes(),
    readsModels: true,
    heads: fitHeads(models.map((model) => ({ ...idealHead(model), ...head(model) }))),
    losses: fitLosses(
      models.flatMap((model) =>
        datasets.map((dataset) => {
          const m = model.residualWidth ?? model.width;
          return {
            model: model.model,
            family: model.family,
            dataset,
            m,
            loss: loss(model, m, dataset),
            texts: 100,
            tokens: 100_000,
          };
        }),
      ),
      12,
      { k0: 1, k1: 2 },
    ),
    tokens: {
      rows: languageModels.families.flatMap(({ family }) =>
        datasets.map((dataset) =>
          fitTokens({
            tokenizer: family,
            dataset,
            tokens: 1_000_000,
            texts: 100,
            counts: Array.from({ length: 2000 }, (_, i) => Math.round(1e12 / (i + 1) ** alpha(family, dataset))),
          }),
        ),
      ),
    },
  };
}

export function idealLoss({ family, model }: PublishedModel, m: number, dataset: string): number {
  // A little scatter, as without it the exponent would have no error.
  const scatter = 0.01 * Math.sin(7 * m + model.length);
  return (
    476 / m ** 0.91 +
    1.5 +
    0.2 * ['OPT', 'Qwen2.5', 'GPT-2', 'Pythia'].indexOf(family) +
    0.1 * datasets.indexOf(dataset) +
    scatter
  );
}

function idealHead({ model, family, width: m, vocabulary: n }: PublishedModel): HeadSummary {
  const meanSquare = (1 + 0.2 * Math.sin(5 * m)) / m;
  return {
    model,
    family,
    n,
    m,
    directed: n,
    meanSquare,
    welchBoundSquared: (n - m) / (m * (n - 1)),
    centredMeanSquare: 0.9 * meanSquare,
    pairs: {
      count: (n * (n - 1)) / 2,
      sampled: false,
      meanAbsolute: 0.8 * Math.sqrt(meanSquare),
      varianceAbsolute: 0.36 * meanSquare,
      maximumAbsolute: 0.9,
      meanAbsoluteError: 0,
      varianceAbsoluteError: 0,
    },
    norm: { mean: 2 + 0.1 * Math.sin(3 * m), standardDeviation: 0.2, minimum: 0.4, maximum: 4 },
    crossEntropyOverlap: 0.3 * n * meanSquare * (1 + 0.1 * Math.sin(3 * m)),
  };
}
