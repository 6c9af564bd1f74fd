import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { Texts, Tokenizer } from '../../toy/artifacts.ts';
import { TokenFrequencies } from '../artifacts.ts';

export const tokenFrequencies = defineStage({
  name: 'token-freq',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Counts how often each token of a vocabulary occurs in the beginning of a data set.',
  labels: ['dataset', 'tokenizer'],
  params: Type.Object({
    /** The family whose tokenizer it is, and the data set: labels that the inputs do not carry. */
    tokenizer: Type.String({ minLength: 1 }),
    dataset: Type.String({ minLength: 1 }),
    /** How many tokens are counted, from the beginning; fewer where the texts hold fewer. */
    tokens: Type.Integer({ minimum: 1 }),
  }),
  inputs: { tokenizer: Tokenizer, texts: Texts },
  outputs: { frequencies: TokenFrequencies },
  cost: ({ tokens }) => 1000 * tokens,
});
