/** Rank-frequency relations and their exponent (App. D.8). */
import { exp, ln } from '../elementary.ts';
import { fitLine } from './regression.ts';
import type { Line } from './regression.ts';

export interface RankFrequency {
  /** Ranks, real numbers from 1 to the number of tokens seen, evenly spaced in log10. */
  readonly rank: Float64Array;
  /** Share of all counts at each rank. */
  readonly frequency: Float64Array;
}

/**
 * Frequencies at `points` ranks uniform in log10(rank), interpolated in log-log between the ranks there are, so that
 * the many points between the first few ranks lie on the lines that join them. `counts`: how often each token was
 * seen, in any order; those never seen have no rank. Throws a RangeError with fewer than two tokens seen.
 */
export function rankFrequency(counts: ArrayLike<number>, points = 1000): RankFrequency {
  const sorted = Float64Array.from(Array.from(counts).filter((count) => count > 0))
    .sort()
    .reverse();
  if (sorted.length < 2) throw new RangeError(`${sorted.length} tokens seen: a rank-frequency relation needs two`);
  const total = sorted.reduce((sum, count) => sum + count, 0);
  const rank = new Float64Array(points);
  const frequency = new Float64Array(points);
  const highest = ln(sorted.length);
  for (let i = 0; i < points; i++) {
    const r = i === points - 1 ? sorted.length : exp((highest * i) / (points - 1));
    const below = Math.min(Math.floor(r), sorted.length - 1);
    const share = (ln(r) - ln(below)) / (ln(below + 1) - ln(below));
    rank[i] = r;
    frequency[i] = exp((1 - share) * ln(sorted[below - 1]!) + share * ln(sorted[below]!)) / total;
  }
  return { rank, frequency };
}

/** The line of log frequency on log rank: its slope is minus the exponent alpha of p_i ~ 1/i^alpha. */
export function fitRankFrequency({ rank, frequency }: RankFrequency): Line {
  return fitLine(rank.map(ln), frequency.map(ln));
}
