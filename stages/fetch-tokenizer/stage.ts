import { Type } from '@sinclair/typebox';
import { defineStage } from '../../engine/index.ts';
import { HubRepository, Tokenizer } from '../artifacts.ts';

export const FetchTokenizerParams = Type.Object({
  /** `owner/name`: that of the listing. */
  repository: Type.String(),
});

export const fetchTokenizer = defineStage({
  name: 'fetch-tokenizer',
  summary: 'The files of a tokenizer',
  params: FetchTokenizerParams,
  inputs: { listing: HubRepository },
  outputs: { tokenizer: Tokenizer },
  execution: { resources: { cpu: 0.5 } },
  cost: () => 1,
});
