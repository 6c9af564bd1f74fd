/** Random unit vectors against their theory. */
import { missing } from '../evidence.ts';
import type { RandomGeometry } from '../../../artifacts.ts';
import type { ValueOf } from '../../../../engine/index.ts';
import type { Quantity } from './sources.ts';

type Row = ValueOf<typeof RandomGeometry>['rows'][number];

function byRow(value: (row: Row, rows: readonly Row[]) => number | undefined, detail: string): Quantity {
  return (_, { random }) => {
    if (!random) return missing("Out of this set's scale: needs the random vectors.");
    const values = random.rows.map((row) => value(row, random.rows)).filter((found) => found !== undefined);
    return values.length ? { kind: 'cells', values, detail } : missing("Out of this set's scale: needs more vectors than dimensions.");
  };
}

/**
 * p of the Kolmogorov-Smirnov test times the number of tests (Bonferroni), so that the level holds for all m
 * together: of several true nulls, one below 0.01 is no rarity.
 */
export const randomGoodnessOfFit = byRow(
  ({ kolmogorovSmirnov }, rows) => Math.min(1, kolmogorovSmirnov.p * rows.length),
  'Kolmogorov-Smirnov p times the number of m tested.',
);

export const randomMeanRatio = byRow(({ overlap, meanTheory }) => overlap.meanSquare / meanTheory, 'Mean square overlap times m.');

export const randomVarianceRatio = byRow(
  ({ varianceSquare, varianceSquareTheory }) => varianceSquare / varianceSquareTheory,
  'Variance of squared overlaps over 2(m − 1)/(m²(m + 2)).',
);

export const randomLargestOverWelch = byRow(
  ({ overlap }) => (overlap.welchBoundSquared > 0 ? overlap.maximumAbsolute / Math.sqrt(overlap.welchBoundSquared) : undefined),
  'Largest |cos| over κ.',
);
