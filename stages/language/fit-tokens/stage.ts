import { Type } from '@sinclair/typebox';
import { available, defineStage } from 'repro';
import { TokenFits, TokenFrequencies } from '../artifacts.ts';

export const fitTokens = defineStage({
  name: 'fit-tokens',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Fits the rank-frequency relation of tokens for every tokenizer and data set.',
  params: Type.Object({
    /** Tokenizers and data sets that are wanted, as "tokenizer on data set": those not to be had are named in the result. */
    wanted: Type.Array(Type.String()),
  }),
  inputs: { frequencies: available(TokenFrequencies) },
  outputs: { tokens: TokenFits },
});
