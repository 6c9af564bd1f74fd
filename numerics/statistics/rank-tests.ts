/** Tests that look at ranks only. */
import { exp, ln } from '../elementary.ts';
import { normalQuantile, normalSurvival } from './distributions.ts';
import { ranks } from './moments.ts';

export interface RankCorrelation {
  readonly correlation: number;
  /** 95% interval by Fisher's z with Bonett and Wright's standard error sqrt((1 + r^2/2)/(count - 3)). */
  readonly low: number;
  readonly high: number;
  /** Standard error on the scale of the correlation, by the delta method. */
  readonly standardError: number;
  readonly count: number;
}

/**
 * Spearman's rank correlation of x and y, taken within each group (whose levels may differ) and pooled: the
 * correlation of ranks less their group's mean rank. One group gives the ordinary coefficient. Undefined where all x
 * or all y of every group are equal, or with fewer than 4 effective points.
 */
export function spearman(
  groups: readonly { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> }[],
): RankCorrelation | undefined {
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  let count = 1 - groups.length;
  for (const { x, y } of groups) {
    const rx = ranks(x);
    const ry = ranks(y);
    const centre = (x.length + 1) / 2;
    // Ranks as a share, so that a large group does not outweigh by the size of its ranks.
    for (let i = 0; i < rx.length; i++) {
      const dx = (rx[i]! - centre) / rx.length;
      const dy = (ry[i]! - centre) / rx.length;
      sxx += dx * dx;
      sxy += dx * dy;
      syy += dy * dy;
    }
    count += x.length;
  }
  if (!(sxx > 0 && syy > 0) || count < 4) return undefined;
  const r = Math.min(1, Math.max(-1, sxy / Math.sqrt(sxx * syy)));
  return rankCorrelation(r, count);
}

/** A rank correlation that is known as a number, with its interval for `count` effective points: at least 4. */
export function rankCorrelation(correlation: number, count: number): RankCorrelation {
  if (!(count >= 4)) throw new RangeError(`a rank correlation of ${count} points: expected at least 4`);
  const standardErrorZ = Math.sqrt((1 + (correlation * correlation) / 2) / (count - 3));
  const half = normalQuantile(0.975) * standardErrorZ;
  const clipped = Math.min(1 - 1e-12, Math.max(-1 + 1e-12, correlation));
  const z = 0.5 * ln((1 + clipped) / (1 - clipped));
  return {
    correlation,
    low: tanh(z - half),
    high: tanh(z + half),
    standardError: standardErrorZ * (1 - correlation * correlation),
    count,
  };
}

function tanh(z: number): number {
  const e = exp(-2 * Math.abs(z));
  const value = (1 - e) / (1 + e);
  return z < 0 ? -value : value;
}

/**
 * Probability that a value of the first group is above one of the second, ties counting half: Mann and Whitney's U
 * over the number of pairs. Undefined where a group is empty.
 */
export function superiority(first: ArrayLike<number>, second: ArrayLike<number>): number | undefined {
  if (first.length === 0 || second.length === 0) return undefined;
  return mannWhitneyU(first, second).u / (first.length * second.length);
}

/**
 * Mann-Whitney test that the first group is stochastically larger: z (normal approximation, tie-corrected, with
 * continuity correction) and the one-sided p. Undefined where a group is empty or all values are equal.
 */
export function mannWhitney(first: ArrayLike<number>, second: ArrayLike<number>): { z: number; p: number } | undefined {
  const a = first.length;
  const b = second.length;
  const total = a + b;
  if (a === 0 || b === 0) return undefined;
  const { u, all } = mannWhitneyU(first, second);
  const ordered = all.sort();
  let ties = 0;
  for (let start = 0; start < total;) {
    let end = start + 1;
    while (end < total && ordered[end] === ordered[start]) end++;
    const t = end - start;
    ties += t * t * t - t;
    start = end;
  }
  const spread = ((a * b) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (!(spread > 0)) return undefined;
  const excess = u - (a * b) / 2;
  const z = (excess - (excess > 0 ? 0.5 : excess < 0 ? -0.5 : 0)) / Math.sqrt(spread);
  return { z, p: normalSurvival(z) };
}

/** How many pairs the first group wins, ties counting half; and the values of both groups, first those of the first. */
function mannWhitneyU(first: ArrayLike<number>, second: ArrayLike<number>): { u: number; all: Float64Array } {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  const rank = ranks(all);
  let sum = 0;
  for (let i = 0; i < first.length; i++) sum += rank[i]!;
  return { u: sum - (first.length * (first.length + 1)) / 2, all };
}
