import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { HubRepository, Tokenizer } from '../../toy/artifacts.ts';
import { hubVariables } from '../fetch-llm/hub/variables.ts';

const FetchTokenizerParams = Type.Object({
  /** `owner/name`: that of the listing. */
  repository: Type.String(),
});

export const fetchTokenizer = defineStage({
  name: 'fetch-tokenizer',
  code: new URL('./run.ts', import.meta.url),
  settings: hubVariables,
  summary: 'The files of a tokenizer',
  labels: ['repository'],
  params: FetchTokenizerParams,
  inputs: { listing: HubRepository },
  outputs: { tokenizer: Tokenizer },
  execution: { resources: { cpu: 0.5 } },
  cost: () => 1,
});
