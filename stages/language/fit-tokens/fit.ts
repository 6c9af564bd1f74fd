/** Exponents of token frequencies (App. D.8, Fig. 22). */
import { fitRankFrequency, rankFrequency } from '../../../numerics/statistics/rank-frequency.ts';
import type { ValueOf } from 'repro';
import type { TokenFits, TokenFrequencies } from '../artifacts.ts';

/** Points that a line is fitted to, and every how many of them a figure has. */
const points = 1000;
const shown = 9;

export function fitTokens({
  tokenizer,
  dataset,
  tokens,
  counts,
}: ValueOf<typeof TokenFrequencies>): ValueOf<typeof TokenFits>['rows'][number] {
  const relation = rankFrequency(counts, points);
  const { slope, standardError, r2, intercept } = fitRankFrequency(relation);
  const some = (values: Float64Array): number[] =>
    Array.from(values)
      .filter((_, i) => i % shown === 0)
      .map((value) => Number(value.toPrecision(6)));
  return {
    tokenizer,
    dataset,
    tokens,
    distinct: counts.length,
    exponent: -slope,
    standardError,
    r2,
    intercept,
    rank: some(relation.rank),
    frequency: some(relation.frequency),
  };
}
