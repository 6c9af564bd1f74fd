import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { HubRepository, Texts, TextsOrigin } from '../../toy/artifacts.ts';
import { hubVariables } from '../fetch-llm/hub/variables.ts';

const FetchTextsParams = Type.Object({
  /** `owner/name`: that of the listing. */
  repository: Type.String(),
  /** The files of the split: those whose path begins so, in order of name. By extension: .parquet, .json.gz or .jsonl.zst. */
  files: Type.String(),
  /** The column or member that holds the text. */
  field: Type.String(),
  /** Consecutive rows that are not blank are joined by a space until a text has so many words; 0: each row is a text as it is. */
  joinedWords: Type.Integer({ minimum: 0 }),
  /** Texts wanted, from the start; fewer only where the data set ends, or where they hold so many words. */
  count: Type.Integer({ minimum: 1 }),
  words: Type.Optional(Type.Integer({ minimum: 1 })),
});

/** Of a word of English with the space after it; and of documents that are not cut, about. */
const bytesPerWord = 6;
const wordsOfDocument = 1000;

export const fetchTexts = defineStage({
  name: 'fetch-texts',
  code: new URL('./run.ts', import.meta.url),
  settings: hubVariables,
  summary: 'The first texts of a data set',
  labels: ['repository', 'count'],
  params: FetchTextsParams,
  inputs: { listing: HubRepository },
  outputs: { texts: Texts, origin: TextsOrigin },
  pinned: { output: 'origin', member: 'pin' },
  execution: { resources: { cpu: 0.5 } },
  cost: ({ count, words = Infinity }) => Math.min(count, words),
  /** As if nothing was compressed. */
  downloads: ({ count, joinedWords, words = Infinity }) => {
    const bytes = Math.min(words, count * (joinedWords || wordsOfDocument)) * bytesPerWord;
    return { bytes, diskBytes: bytes };
  },
});
