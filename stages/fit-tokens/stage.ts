import { Type } from '@sinclair/typebox';
import { defineStage, many } from '../../engine/index.ts';
import { TokenFits, TokenFrequencies } from '../language-artifacts.ts';

export const fitTokens = defineStage({
  name: 'fit-tokens',
  summary: 'Fits the rank-frequency relation of tokens for every tokenizer and data set.',
  params: Type.Object({}),
  inputs: { frequencies: many(TokenFrequencies) },
  outputs: { tokens: TokenFits },
});
