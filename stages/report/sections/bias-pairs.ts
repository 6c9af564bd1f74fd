/** Curves over m that were trained both ways, from the paper's random biases and from zero ones: of each the seeds that both have. */
import { formatConstant, formatNumber } from 'repro/claims';
import { exp, ln } from '../../../numerics/elementary.ts';
import { meanInterval } from '../../../numerics/statistics/mean-interval.ts';
import type { MeanInterval } from '../../../numerics/statistics/mean-interval.ts';
import { median } from '../../../numerics/statistics/moments.ts';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import type { ExponentFit, FittedSweepContent, ModelCell, ModelSummary } from '../../toy/artifacts.ts';
import { fitSweep } from '../../toy/fit-exponents/fit.ts';
import { wholeSeeds } from '../../toy/whole-seeds.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';

export type Side = 'normal' | 'zero';
export const sides: readonly Side[] = ['zero', 'normal'];

/** One curve, of at least three m. Both sides have the same m and, at each m, the same seeds. */
export interface BiasPair {
  readonly experiment: string;
  readonly n: number;
  readonly gamma: number;
  readonly alpha: number | null;
  readonly frequencies: ModelSummary['frequencies'];
  /** In ascending order. */
  readonly m: readonly number[];
  readonly seeds: number;
  readonly models: Readonly<Record<Side, readonly ModelSummary[]>>;
  /**
   * Over these m and seeds, from the m on that the experiment's lines go through, or over all where fewer than three of
   * them are there.
   */
  readonly fits: Readonly<Record<Side, ExponentFit | undefined>>;
}

const lawOf = ({ frequencies, alpha }: BiasPair): string =>
  alpha === null ? `${frequencies} frequencies` : `α = ${formatConstant(alpha)}`;
/** "small, γ = −0.556, α = 1". */
export const nameOf = (pair: BiasPair): string => `${pair.experiment}, γ = ${formatNumber(pair.gamma)}, ${lawOf(pair)}`;

/** Fewer points are no curve. */
export const fewestWidths = 3;

/** What zero biases leave as it is. */
const pairKey = ({ frequencies, alpha, gamma, n, density }: Omit<ModelCell, 'm' | 'replicate'>): string =>
  [frequencies, alpha, gamma, n, density].join(' ');

const experiments = ['small', 'large', 'breakdown'];
const find = (sweeps: readonly FittedSweepContent[], name: string): FittedSweepContent | undefined =>
  sweeps.find(({ experiment }) => experiment === name);

/** Those of the small sweep first, by gamma, then alpha. */
export function biasPairs(sweeps: readonly FittedSweepContent[]): BiasPair[] {
  return experiments.flatMap((name) => {
    const [normal, zero] = [find(sweeps, name), find(sweeps, `${name}-zero-bias`)];
    if (!normal || !zero) return [];
    const drawn = groupBy(normal.models, pairKey);
    const pairs = [...groupBy(zero.models, pairKey)].flatMap(([key, started]) => {
      const pair = pairOf(normal, drawn.get(key) ?? [], started);
      return pair ? [pair] : [];
    });
    return pairs.sort((a, b) => a.gamma - b.gamma || (a.alpha ?? 0) - (b.alpha ?? 0));
  });
}

function pairOf(
  sweep: FittedSweepContent,
  drawn: readonly ModelSummary[],
  started: readonly ModelSummary[],
): BiasPair | undefined {
  const isAmong = (models: readonly ModelSummary[]) => (model: ModelSummary) =>
    models.some(({ m, replicate }) => m === model.m && replicate === model.replicate);
  const both = wholeSeeds(drawn.filter(isAmong(started)));
  const widths = distinct(both.map(({ m }) => m));
  if (widths.length < fewestWidths) return undefined;
  const models = { normal: both, zero: started.filter(isAmong(both)) };
  const { frequencies, alpha, gamma, n } = both[0]!;
  const key = pairKey(both[0]!);
  const line = sweep.exponents.find((fit) => pairKey(fit) === key);
  const first = line ? Math.min(...line.m) : 1;
  const range = {
    ...{ frequencies, superposition: gamma < 0 ? ('strong' as const) : ('weak' as const) },
    minimumM: widths.filter((m) => m >= first).length >= fewestWidths ? first : widths[0]!,
  };
  const fitOf = (side: Side): ExponentFit | undefined => fitSweep(sweep.experiment, [range], models[side]).exponents[0];
  return {
    experiment: sweep.experiment,
    ...{ n, gamma, alpha, frequencies, models },
    m: widths,
    seeds: distinct(both.map(({ replicate }) => replicate)).length,
    fits: { normal: fitOf('normal'), zero: fitOf('zero') },
  };
}

/** Seed by seed, in one order on both sides. */
export function seedsAt({ models }: BiasPair, side: Side, m: number): ModelSummary[] {
  return models[side].filter((model) => model.m === m).sort((a, b) => a.replicate - b.replicate);
}

/** Loss with random biases over that with zero ones, of the same seeds: geometric mean and 95% interval. */
export function lossRatio(pair: BiasPair, m: number): Pick<MeanInterval, 'mean' | 'low' | 'high'> {
  const zero = seedsAt(pair, 'zero', m);
  const { mean, low, high } = meanInterval(seedsAt(pair, 'normal', m).map(({ loss }, i) => ln(loss / zero[i]!.loss)));
  return pair.seeds > 1
    ? { mean: exp(mean), low: exp(low), high: exp(high) }
    : { mean: exp(mean), low: 0, high: Infinity };
}

/** Exponents in m of a curve's whole loss and of the part made at the output units of live features. */
export interface LossExponents {
  readonly whole: number;
  readonly live: number;
}

/**
 * Over the m at which most features are live on both sides, by medians over the seeds: where few are, their part of the
 * loss tells how many there are. Undefined with fewer than three such m.
 */
export function exponentsOfLive(pair: BiasPair): Readonly<Record<Side, LossExponents>> | undefined {
  const over = (side: Side, m: number, value: (model: ModelSummary) => number): number =>
    median(seedsAt(pair, side, m).map(value));
  const used = pair.m.filter((m) =>
    sides.every(
      (side) =>
        over(side, m, ({ dead }) => dead.fraction) < 0.5 && over(side, m, ({ outputLoss }) => outputLoss.live) > 0,
    ),
  );
  if (used.length < fewestWidths) return undefined;
  const exponent = (side: Side, value: (model: ModelSummary) => number): number =>
    -fitPowerLaw(
      used,
      used.map((m) => over(side, m, value)),
    ).slope;
  const of = (side: Side): LossExponents => ({
    whole: exponent(side, ({ loss }) => loss),
    live: exponent(side, ({ outputLoss }) => outputLoss.live),
  });
  return { normal: of('normal'), zero: of('zero') };
}

/** What is planned from zero biases, or from biases in between, and is not compared here. */
export interface Open {
  readonly experiment: string;
  readonly n: number;
  readonly curves: number;
  readonly planned: number;
  /** Of the curves. */
  readonly gammas: readonly number[];
}

export function notCompared(sweeps: readonly FittedSweepContent[], pairs: readonly BiasPair[]): Open[] {
  const compared = new Set(pairs.map(({ experiment, models }) => `${experiment} ${pairKey(models.zero[0]!)}`));
  return experiments.flatMap((name): Open[] => {
    const zero = find(sweeps, `${name}-zero-bias`);
    const planned = [...groupBy([...(zero?.models ?? []), ...(zero?.missing ?? [])], pairKey)];
    const open = planned.filter(([key]) => !compared.has(`${name} ${key}`)).map(([, models]) => models[0]!);
    if (!open.length) return [];
    return [
      {
        ...{ experiment: name, n: open[0]!.n, curves: open.length, planned: planned.length },
        gammas: distinct(open.map(({ gamma }) => gamma)),
      },
    ];
  });
}
