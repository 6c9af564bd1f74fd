/** What a parameter set holds of language models. */
import { Type } from '@sinclair/typebox';
import { Pairs } from '../stages/language/measure-head/stage.ts';

const strict = { additionalProperties: false };

/** The texts of one data set: where they lie on the hub, and what makes a text. */
const DataSet = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'How figures and claims call it' }),
    repository: Type.String({ description: 'owner/name' }),
    revision: Type.Optional(Type.String({ description: 'A branch, a tag or a commit; main without it' })),
    folder: Type.String({ description: 'Only files below it are listed' }),
    files: Type.String({ description: 'The files of the split: those whose path begins so, in order of name' }),
    field: Type.String({ description: 'The column or member that holds the text' }),
    joinedWords: Type.Integer({
      minimum: 0,
      description:
        'Consecutive rows that are not blank are joined by a space until a text has so many words; 0: rows as they are',
    }),
  },
  strict,
);
export type DataSet = (typeof DataSet)['static'];

export const LanguageModelParameters = Type.Object(
  {
    published: Type.String({ description: 'File of published widths, vocabularies and sizes; models are known by it' }),
    chinchilla: Type.String({ description: 'File of the widths and sizes of the Chinchilla models' }),
    draws: Type.Integer({ minimum: 10, maximum: 1_000_000, description: 'Draws of each bootstrap over models' }),
    models: Type.Array(Type.String(), {
      uniqueItems: true,
      description: 'Models that are fetched and measured, as published names them; none: published facts only',
    }),
    revisions: Type.Record(Type.String(), Type.String(), {
      description:
        'Repository -> a branch, a tag or a commit; main for the others. What a branch stands for is asked once',
    }),
    pairs: Pairs,
    evaluation: Type.Union(
      [
        Type.Object(
          {
            texts: Type.Integer({ minimum: 1, maximum: 100_000_000, description: 'Texts of each data set' }),
            maximumTokens: Type.Integer({
              minimum: 2,
              description: 'Texts are cut to so many tokens, or to as many as the model has positions',
            }),
            dataSets: Type.Array(DataSet),
          },
          strict,
        ),
        Type.Null(),
      ],
      { description: 'Losses of the models on data sets; null: only heads and tokens are read' },
    ),
    tokens: Type.Union(
      [
        Type.Object(
          {
            count: Type.Integer({
              minimum: 1,
              description: 'Tokens counted from the beginning of each data set, of which so many words are fetched',
            }),
            dataSets: Type.Array(DataSet),
          },
          strict,
        ),
        Type.Null(),
      ],
      { description: 'Token frequencies, by the tokenizer of the first of the models of each family' },
    ),
  },
  strict,
);
