import { exp, lnGamma, ln, log1p } from '../elementary.ts';

/**
 * Independent u_i ~ Bernoulli(p_i) are the features hit by a Poisson process with hazards lambda_i = -ln(1 - p_i): of
 * its N ~ Poisson(Lambda) points, Lambda = sum of lambda_i, each hits feature i with probability lambda_i / Lambda.
 * Work is then proportional to the active features. Both draws compare a 32-bit word with a table, so any backend
 * makes the same decision. Resolution: each p_i is met to within 2^-32 Lambda, and so are sums over any run of
 * features (the table rounds cumulative hazards); a feature rarer than that is active at most so often.
 */
export interface SamplerTables {
  /** A: features 0..A-1 have p = 1. */
  readonly alwaysActive: number;
  /** Largest word of feature A + i: [n - A], non-decreasing, the last is 2^32 - 1. */
  readonly hazardLast: Uint32Array;
  /** [2^s]: where to begin the search for a word, by its upper s bits. */
  readonly hazardGuide: Uint32Array;
  /** Largest word of N = firstCount + k. */
  readonly countLast: Uint32Array;
  readonly firstCount: number;
}

const words = 4294967296;

/** p: [n], decreasing, in [0, 1]. */
export function samplerTables(p: Float64Array): SamplerTables {
  let alwaysActive = 0;
  while (alwaysActive < p.length && p[alwaysActive] === 1) alwaysActive++;
  const hazards = p.subarray(alwaysActive).map((probability) => -log1p(-probability));
  const cumulative = new Float64Array(hazards.length);
  let total = 0;
  for (let i = 0; i < hazards.length; i++) cumulative[i] = total += hazards[i]!;
  const hazardLast = new Uint32Array(hazards.length);
  for (let i = 0; i < hazards.length; i++) hazardLast[i] = total > 0 ? lastWord(cumulative[i]! / total) : words - 1;
  return { alwaysActive, hazardLast, hazardGuide: guideOf(hazardLast), ...poissonTable(total) };
}

/** Most points that a sample can have, of both kinds. */
export function largestPointCount({ alwaysActive, firstCount, countLast }: SamplerTables): number {
  return alwaysActive + firstCount + countLast.length - 1;
}

/** How many lower bits of a word the guide leaves out. */
export function guideShift(guide: Uint32Array): number {
  return Math.clz32(guide.length) + 1;
}

function lastWord(cumulative: number): number {
  return Math.max(0, Math.min(words, Math.round(cumulative * words)) - 1);
}

function guideOf(last: Uint32Array): Uint32Array {
  let bits = 1;
  while (bits < 16 && 1 << bits < 4 * last.length) bits++;
  const guide = new Uint32Array(1 << bits);
  let i = 0;
  for (let g = 0; g < guide.length; g++) {
    const from = g * (words / guide.length);
    while (i < last.length - 1 && last[i]! < from) i++;
    guide[g] = i;
  }
  return guide;
}

/** Cumulative distribution of Poisson(mean), from the first count that a 32-bit word can hit. */
function poissonTable(mean: number): Pick<SamplerTables, 'countLast' | 'firstCount'> {
  if (mean === 0) return { countLast: Uint32Array.of(words - 1), firstCount: 0 };
  const mode = Math.floor(mean);
  const probability = [exp(mode * ln(mean) - mean - lnGamma(mode + 1))];
  let lowest = mode;
  while (lowest > 0 && probability[0]! > 1e-20) {
    probability.unshift((probability[0]! * lowest) / mean);
    lowest--;
  }
  for (let k = mode + 1; probability.at(-1)! > 1e-20; k++) probability.push((probability.at(-1)! * mean) / k);
  let sum = 0;
  for (const term of probability) sum += term;
  const last: number[] = [];
  let firstCount = lowest;
  let cumulative = 0;
  for (const term of probability) {
    cumulative += term;
    const reached = Math.round((cumulative / sum) * words);
    if (reached === 0) firstCount++;
    else last.push(reached - 1);
    if (reached >= words) break;
  }
  last[last.length - 1] = words - 1;
  return { countLast: Uint32Array.from(last), firstCount };
}
