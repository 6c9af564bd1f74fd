import { Type } from '@sinclair/typebox';
import { defineStage, many } from 'repro';
import { TokenFits, TokenFrequencies } from '../artifacts.ts';

export const fitTokens = defineStage({
  name: 'fit-tokens',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Fits the rank-frequency relation of tokens for every tokenizer and data set.',
  params: Type.Object({}),
  inputs: { frequencies: many(TokenFrequencies) },
  outputs: { tokens: TokenFits },
});
