/** How often a rule passes a claim of known truth: draws of what a set would measure, judged by the rule itself. */
import { judge } from 'repro/claims';
import type { Cell, Evidence, Expectation, Part, Verdict } from 'repro/claims';

/** What a part would measure from seed to seed, at the scale of a set. */
export interface Noise {
  /** Standard deviation of the measured number; of shares it is not used. */
  readonly standardDeviation: number;
  /** Of a share: probability that a cell is on the wrong side of the bound. */
  readonly flips: number;
}

/** The cells and seeds that a set has for a part, and the error that it reports with an estimate. */
export interface Scale {
  readonly cells: { readonly planned: number; readonly excluded: number; readonly used: number };
  readonly seeds: number;
  readonly standardError: number | null;
  /** Half of the width of the 95% interval. */
  readonly halfWidth: number | null;
  /** Several of them, of which a draw takes one. */
  readonly halfWidths?: readonly number[];
  /** Of a distance from a rule: the standard deviation of the exponent of each cell, which makes the distance larger. */
  readonly cellNoise?: readonly number[] | null;
}

export const draws = 2000;

/** Probability that the rule says *reproduced* where the truth is `effect`: a value, or a share of cells. */
export function probabilityReproduced(part: Part, effect: number, noise: Noise, scale: Scale, seed = 1): number {
  return probabilityOf('reproduced', part, effect, noise, scale, { seed });
}

/** Probability of a verdict where the truth is `effect`. `enough`: whether too few cells make it inconclusive. */
export function probabilityOf(
  verdict: Verdict,
  part: Part,
  effect: number,
  noise: Noise,
  scale: Scale,
  {
    seed = 1,
    enough = true,
    times = draws,
  }: { readonly seed?: number; readonly enough?: boolean; readonly times?: number } = {},
): number {
  const random = generator(seed);
  let found = 0;
  for (let i = 0; i < times; i++)
    if (judge(part, draw(part, effect, noise, scale, random), { enough }).verdict === verdict) found++;
  return found / times;
}

/**
 * What a part would measure without noise, by what it measured with it: of a distance from a rule that is less; of all
 * else the same.
 */
export function withoutNoise(measured: number, { cellNoise }: Pick<Scale, 'cellNoise'>): number {
  if (!cellNoise?.length) return measured;
  const own = cellNoise.reduce((sum, deviation) => sum + deviation * deviation, 0) / cellNoise.length;
  return Math.sqrt(Math.max(0, measured * measured - own));
}

function draw({ rule, expectation }: Part, effect: number, noise: Noise, scale: Scale, random: () => number): Evidence {
  const { cells, seeds, standardError, halfWidth, halfWidths = [], cellNoise } = scale;
  const measured = (): number =>
    cellNoise?.length ? distance(effect, cellNoise, random) : effect + noise.standardDeviation * normal(random);
  switch (rule) {
    case 'share':
    case 'share-interval': {
      const inside = Math.round(effect * cells.used);
      const values = Array.from({ length: cells.used }, (_, i): Cell => {
        const value = i < inside !== random() < noise.flips ? insideOf(expectation) : outsideOf(expectation);
        return { value, low: value, high: value, seeds };
      });
      return { kind: 'cells', cells: values, excluded: cells.excluded, detail: '' };
    }
    case 'mean':
    case 'median':
    case 'largest': {
      const value = measured();
      const values = Array.from({ length: cells.used }, (): Cell => ({ value, seeds }));
      return { kind: 'cells', cells: values, excluded: cells.excluded, detail: '' };
    }
    case 'equivalent':
      throw new Error('equivalent: its intervals are not simulated here');
    default: {
      const value = measured();
      const own = halfWidths.length ? halfWidths[Math.floor(random() * halfWidths.length)]! : halfWidth;
      const reach = own ?? 1.96 * noise.standardDeviation;
      return {
        kind: 'estimate',
        value,
        standardError: standardError ?? noise.standardDeviation,
        low: value - reach,
        high: value + reach,
        errorFrom: null,
        cells,
        seeds: { least: seeds, most: seeds },
        detail: '',
      };
    }
  }
}

/** Root mean square over cells that are off a rule by `effect`, up or down, and besides by their noise. */
function distance(effect: number, cellNoise: readonly number[], random: () => number): number {
  const squares = cellNoise.reduce((sum, deviation, i) => {
    const off = (i % 2 ? effect : -effect) + deviation * normal(random);
    return sum + off * off;
  }, 0);
  return Math.sqrt(squares / cellNoise.length);
}

/** A number within the bounds of a rule. */
export function insideOf({ low, high, above, below }: Expectation): number {
  const [least, most] = [low ?? above, high ?? below];
  if (least !== undefined && most !== undefined) return (least + most) / 2;
  return least !== undefined ? least + 1 : most! - 1;
}

/** A number beyond them. */
export function outsideOf({ low, high, above, below }: Expectation): number {
  const most = high ?? below;
  return most !== undefined ? most + 1 : (low ?? above)! - 1;
}

/** Uniform numbers in [0, 1), the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The share of cells inside that is the measured one once each cell flips with a probability. */
export function shareBefore(measured: number, flips: number): number {
  if (flips >= 0.5) return measured;
  return Math.min(1, Math.max(0, (measured - flips) / (1 - 2 * flips)));
}
