import { regularizedBeta, kolmogorovSurvival } from '../../../numerics/statistics/distributions.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import {
  overlapStatistics,
  randomAbsoluteOverlapVariance,
  randomSquaredOverlapVariance,
  unitRows,
} from '../../../numerics/geometry/overlaps.ts';
import type { StreamKey } from '../../../numerics/random/streams.ts';
import { sorted } from '../../../numerics/statistics/moments.ts';
import type { ValueOf } from 'repro';
import type { RandomGeometry } from '../artifacts.ts';

export type RandomRow = ValueOf<typeof RandomGeometry>['rows'][number];

/** Overlaps of `count` (even) uniformly random directions in m dimensions, measured and by theory. */
export function randomRow(m: number, count: number, key: StreamKey): RandomRow {
  const all = Array.from({ length: count }, (_, i) => i);
  const units = unitRows(initialWeights(count, m, key).W, m, all);
  const overlap = overlapStatistics(units, m)!;
  return {
    m,
    count,
    overlap,
    meanTheory: 1 / m,
    varianceSquare: varianceOfSquares(units, m, overlap.meanSquare),
    varianceSquareTheory: randomSquaredOverlapVariance(m),
    varianceAbsoluteTheory: randomAbsoluteOverlapVariance(m),
    kolmogorovSmirnov: betaTest(units, m),
  };
}

/** Kolmogorov-Smirnov of squared overlaps against Beta(1/2, (m-1)/2), on pairs that share no vector and so are independent. */
function betaTest(units: Float64Array, m: number): RandomRow['kolmogorovSmirnov'] {
  const pairs = units.length / m / 2;
  const squares = sorted(Float64Array.from({ length: pairs }, (_, i) => squaredOverlap(units, m, 2 * i, 2 * i + 1)));
  let statistic = 0;
  for (let i = 0; i < pairs; i++) {
    const theory = regularizedBeta(squares[i]!, 0.5, (m - 1) / 2);
    statistic = Math.max(statistic, (i + 1) / pairs - theory, theory - i / pairs);
  }
  return { statistic, p: kolmogorovSurvival(statistic, pairs), pairs };
}

function varianceOfSquares(units: Float64Array, m: number, mean: number): number {
  const count = units.length / m;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const deviation = squaredOverlap(units, m, i, j) - mean;
      sum += deviation * deviation;
    }
  }
  return sum / ((count * (count - 1)) / 2);
}

function squaredOverlap(units: Float64Array, m: number, i: number, j: number): number {
  let dot = 0;
  for (let k = 0; k < m; k++) dot += units[i * m + k]! * units[j * m + k]!;
  return dot * dot;
}
