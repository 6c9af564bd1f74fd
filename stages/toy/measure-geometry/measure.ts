import { ambiguity } from '../../../numerics/geometry/ambiguity.ts';
import { meanSquareOverlap, unitRows } from '../../../numerics/geometry/overlaps.ts';
import type { Overlaps } from '../../../numerics/geometry/overlaps.ts';
import { singleFeatureLosses } from '../../../numerics/toy-model/single-feature-loss.ts';
import { mannWhitney } from '../../../numerics/statistics/rank-tests.ts';
import { mean, median, quantile, sorted, standardDeviation } from '../../../numerics/statistics/moments.ts';
import type { ValueOf } from 'repro';
import type { ModelCell, ModelMeasurement, TrainingLosses } from '../artifacts.ts';
import { deadFeatures, describeDead } from './dead.ts';
import { densityAroundOne, fractionAbove, rowNorms } from './norms.ts';
import { unlearnedLoss, unlearnedLossIntegral, unlearnedLossOf } from './unlearned.ts';

export interface TrainedModel {
  /** W: [n, m] row by row, and b: [n]. */
  readonly w: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  /** b before training: [n]. */
  readonly initialBias: ArrayLike<number>;
  /** p: [n], in order of rank. */
  readonly frequencies: ArrayLike<number>;
  readonly training: ValueOf<typeof TrainingLosses>['last'];
}

/** The held-out loss: summed over features, of each batch; and averaged over samples, of each output unit [n]. */
export interface HeldOutLoss {
  readonly byBatch: ArrayLike<number>;
  readonly byOutput: ArrayLike<number>;
}

/** Overlaps of unit rows: [count, m]; undefined for fewer than 2. Throws if they break Welch's bound. */
export type OverlapMeasure = (units: Float64Array, m: number) => Overlaps | undefined | Promise<Overlaps | undefined>;

/** Everything of science section 2 on one model. Throws if the loss is not finite, or what `overlapsOf` throws. */
export async function measureModel(
  cell: ModelCell,
  model: TrainedModel,
  heldOut: HeldOutLoss,
  overlapsOf: OverlapMeasure,
): Promise<ValueOf<typeof ModelMeasurement>> {
  const { n, m } = cell;
  const { w, b, initialBias, frequencies, training } = model;
  if (
    w.length !== n * m ||
    b.length !== n ||
    initialBias.length !== n ||
    frequencies.length !== n ||
    heldOut.byOutput.length !== n
  ) {
    throw new Error(
      `weights ${w.length}, biases ${b.length}, initial biases ${initialBias.length}, frequencies ${frequencies.length}, output losses ${heldOut.byOutput.length}: expected ${n} x ${m} and four times ${n}`,
    );
  }
  const loss = mean(heldOut.byBatch);
  if (!Number.isFinite(loss)) throw new Error(`the held-out loss is ${loss}: training diverged`);

  const norms = rowNorms(w, n, m);
  const strong: number[] = [];
  const weak: number[] = [];
  for (let i = 0; i < n; i++) (norms[i]! > 1 ? strong : weak).push(i);
  const live: number[] = [];
  const dead: number[] = [];
  deadFeatures(norms, b).forEach((isDead, i) => (isDead ? dead : live).push(i));
  // A row that decay has brought to exactly zero has no direction.
  const directions = (rows: number[]): Float64Array =>
    unitRows(
      w,
      m,
      rows.filter((i) => norms[i]! > 0),
    );
  const overlap = async (rows: number[]): Promise<Overlaps | null> => (await overlapsOf(directions(rows), m)) ?? null;
  const at = (values: ArrayLike<number>, rows: number[]): number[] => rows.map((i) => values[i]!);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

  const alone = singleFeatureLosses(w, b, n, m);
  const representedFraction = fractionAbove(norms, 0.5);
  const density = densityAroundOne(norms);
  const middle = norms.filter((norm) => norm >= 0.25 && norm <= 0.75).length;
  const errorOf = (rows: number[]): number => sum(at(heldOut.byOutput, rows));
  return {
    summary: {
      ...cell,
      loss,
      lossStandardDeviation: standardDeviation(heldOut.byBatch),
      trainingLoss: training.mean,
      trainingLossStandardDeviation: training.standardDeviation,
      representedFraction,
      stronglyRepresentedFraction: strong.length / n,
      middleNormFraction: middle / n,
      norm: normStatistics(norms),
      normDensityAtOne: density.at,
      normDensityBelowOne: density.below,
      normDensityAboveOne: density.above,
      strongRankTest: mannWhitney(at(frequencies, strong), at(frequencies, weak)) ?? null,
      unlearnedLoss: unlearnedLoss(frequencies, Math.round(representedFraction * n)),
      unlearnedLossIntegral:
        cell.frequencies === 'power-law' && cell.alpha !== null
          ? unlearnedLossIntegral(cell.alpha, n, cell.density, representedFraction)
          : null,
      unrepresentedLoss: unlearnedLossOf(Array.from(frequencies).filter((_, i) => norms[i]! <= 0.5)),
      ambiguity: ambiguity(w, n, m),
      strongOverlap: await overlap(strong),
      weakOverlap: await overlap(weak),
      dead: describeDead({ norms, b, initialBias, p: frequencies, alone }),
      outputLoss: { strong: errorOf(strong), weak: errorOf(weak), live: errorOf(live), dead: errorOf(dead) },
      live: {
        norm: live.length ? normStatistics(at(norms, live)) : null,
        bias: live.length ? quantiles(at(b, live)) : null,
        overlap: meanSquareOverlap(directions(live), m) ?? null,
      },
      strongBias: strong.length ? quantiles(at(b, strong)) : null,
      strongBiasMedian: strong.length ? median(at(b, strong)) : null,
      strongFrequency: sum(at(frequencies, strong)),
      strongLoss: sum(strong.map((i) => frequencies[i]! * alone[i]!)),
      weakLoss: sum(weak.map((i) => frequencies[i]! * alone[i]!)),
    },
    frequency: sevenDigits(frequencies),
    rowNorm: sevenDigits(norms),
    bias: sevenDigits(b),
    initialBias: sevenDigits(initialBias),
    outputLoss: sevenDigits(heldOut.byOutput),
  };
}

function normStatistics(norms: ArrayLike<number>) {
  const ordered = sorted(norms);
  return {
    mean: mean(norms),
    standardDeviation: standardDeviation(norms),
    minimum: ordered[0]!,
    maximum: ordered.at(-1)!,
  };
}

function quantiles(values: number[]) {
  const [q05, q25, q50, q75, q95] = [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => quantile(values, share));
  return { q05: q05!, q25: q25!, q50: q50!, q75: q75!, q95: q95! };
}

function sevenDigits(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(7)));
}
