import { sha256 } from '../graph/digest.ts';

/** A node that may be drawn. */
export interface Candidate<T> {
  readonly item: T;
  /** Identifies it in the draw: its key. */
  readonly id: string;
  /** `train small`: each has its share of the sample. */
  readonly stratum: string;
  /** 1, or seconds of work to draw by work. */
  readonly weight: number;
}

/**
 * Draws `count` candidates, each with a chance in proportion to its weight, and from each stratum in proportion to its
 * weight too: systematic sampling (Madow 1949) along the strata, within which the order is that of the digests of seed
 * and id. Who knows the seed can draw again; who does not cannot know beforehand what is drawn. One that outweighs the
 * sampling interval is drawn once, so fewer than `count` may come.
 */
export function drawSample<T>(candidates: readonly Candidate<T>[], count: number, seed: string): T[] {
  if (count >= candidates.length) return candidates.map(({ item }) => item);
  const order = candidates
    .map((candidate) => ({ ...candidate, place: sha256(`${seed} ${candidate.id}`) }))
    .sort((a, b) => compare(a.stratum, b.stratum) || compare(a.place, b.place));
  const interval = order.reduce((sum, { weight }) => sum + weight, 0) / count;
  let next = interval * unitInterval(sha256(`${seed} start`));
  let passed = 0;
  const drawn: T[] = [];
  for (const { item, weight } of order) {
    passed += weight;
    if (passed <= next) continue;
    drawn.push(item);
    while (next < passed) next += interval;
  }
  return drawn;
}

/**
 * The candidates that can be computed within `budget` seconds at all (`cost`), and how many of them to draw so that `jobs` processes
 * compute them in it in about 39 of 40 draws: the mean work of so many, and two standard deviations.
 */
export function withinBudget<T extends { readonly weight: number; readonly cost: number }>(
  all: readonly T[],
  budget: number,
  jobs: number,
): { readonly candidates: readonly T[]; readonly count: number } {
  const candidates = all.filter(({ cost }) => cost <= budget);
  if (candidates.length === 0) return { candidates, count: 0 };
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  const moment = (power: number): number =>
    candidates.reduce((sum, { weight, cost }) => sum + weight * cost ** power, 0) / total;
  const mean = Math.max(moment(1), 1e-3);
  const deviation = Math.sqrt(Math.max(0, moment(2) - mean ** 2));
  // The root of n, where n mean + 2 sqrt(n) deviation = budget jobs.
  const root = (Math.sqrt(deviation ** 2 + mean * budget * jobs) - deviation) / mean;
  return { candidates, count: Math.min(candidates.length, Math.max(1, Math.floor(root ** 2))) };
}

/** In [0, 1), from the first 48 bits of a digest. */
function unitInterval(digest: string): number {
  return parseInt(digest.slice(0, 12), 16) / 2 ** 48;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The largest share of differing nodes that is still compatible with `differing` of `drawn`, at this confidence: the
 * exact (Clopper-Pearson) upper bound of a binomial proportion, one-sided. With none differing it is
 * 1 - (1 - confidence)^(1/drawn).
 */
export function upperBound(differing: number, drawn: number, confidence = 0.95): number {
  if (drawn === 0 || differing >= drawn) return 1;
  let [low, high] = [differing / drawn, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (binomialCdf(differing, drawn, middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X <= k) for X binomial(n, p). */
function binomialCdf(k: number, n: number, p: number): number {
  if (p >= 1) return k >= n ? 1 : 0;
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
