/** Losses like the measured ones, seed by seed, and the interval that the report would state of their exponent. */
import type { ModelSummary } from '../../stages/toy/artifacts.ts';
import { fitSweep } from '../../stages/toy/fit-exponents/fit.ts';

/** ln L = level - exponent ln m + bend (ln m)^2, with a standard deviation between seeds at each m. */
export interface Curve {
  readonly name: string;
  readonly m: readonly number[];
  readonly exponent: number;
  readonly bend: number;
  readonly noise: readonly number[];
  /** Whether single seeds stray upwards, as a dead feature of low rank makes them. */
  readonly skewed: boolean;
}

const m = [10, 15, 25, 39, 63, 100];
/** Noise of five seeds at n = 1000, gamma = -5/9 (science: alpha = 1.375 and 2), and of weak models. */
export const curves: readonly Curve[] = [
  {
    name: 'strong, α = 1.375',
    m,
    exponent: 1.2,
    bend: -0.05,
    noise: [0.06, 0.08, 0.05, 0.1, 0.2, 0.18],
    skewed: false,
  },
  { name: 'strong, α = 2', m, exponent: 1.8, bend: 0, noise: [0.12, 0.26, 0.22, 0.44, 0.67, 0.75], skewed: false },
  {
    name: 'strong, α = 2, strays',
    m,
    exponent: 1.8,
    bend: 0,
    noise: [0.12, 0.26, 0.22, 0.44, 0.67, 0.75],
    skewed: true,
  },
  {
    name: 'strong, α = 0.5, bent',
    m,
    exponent: 0.3,
    bend: -0.15,
    noise: [0.03, 0.03, 0.03, 0.03, 0.04, 0.05],
    skewed: false,
  },
  { name: 'weak, α = 1', m, exponent: 0.3, bend: 0, noise: [0.08, 0.08, 0.08, 0.08, 0.08, 0.08], skewed: false },
];

export interface Coverage {
  /** Share of intervals by the spread between seeds, or by the fit where there is one seed, that contain the truth. */
  readonly covered: number;
  readonly meanHalfWidth: number;
}

/** Truth is the slope of the line through the mean of ln L: what the means of more and more seeds go to. */
export function coverage(curve: Curve, seeds: number, draws: number, random: () => number): Coverage {
  const expected = curve.m.map((width) => meanLogLoss(curve, width));
  const truth = exponentOf(curve, [expected]).exponent;
  let covered = 0;
  let width = 0;
  for (let i = 0; i < draws; i++) {
    const drawn = Array.from({ length: seeds }, () =>
      expected.map((value, j) => value + curve.noise[j]! * (curve.skewed ? stray(random) : normal(random))),
    );
    const { low, high } = exponentOf(curve, drawn);
    if (low <= truth && truth <= high) covered++;
    width += (high - low) / 2 / draws;
  }
  return { covered: covered / draws, meanHalfWidth: width };
}

function meanLogLoss({ exponent, bend }: Curve, width: number): number {
  return -exponent * Math.log(width) + bend * Math.log(width) ** 2;
}

function exponentOf(curve: Curve, logLosses: readonly (readonly number[])[]) {
  const models = logLosses.flatMap((seed, replicate) =>
    seed.map((value, i) => ({ ...cell, m: curve.m[i]!, replicate, loss: Math.exp(value) }) as ModelSummary),
  );
  return fitSweep('coverage', [], models).exponents[0]!;
}

/** What a fit reads of a model beside its m, its seed and its loss. */
const cell = {
  ...{ frequencies: 'power-law', alpha: 1, n: 1000, density: 1, gamma: -5 / 9, batch: 1, steps: 1 },
  ...{ projection: 'none', initialBias: { mean: 0, standardDeviation: 1 }, lossScale: 1, epsilon: 1e-8, ambiguity: 0 },
};

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Mean 0, variance 1, skewed: an exponential number less 1. */
function stray(random: () => number): number {
  return -Math.log(1 - random()) - 1;
}
