/** Random unit vectors against their theory. */
import { missing } from '../evidence.ts';
import type { RandomGeometry } from '../../../toy/artifacts.ts';
import type { ValueOf } from 'repro';
import type { Quantity } from './sources.ts';

type Row = ValueOf<typeof RandomGeometry>['rows'][number];

function byRow(value: (row: Row) => number | undefined, detail: string): Quantity {
  return (_, { random }) => {
    if (!random) return missing("Out of this set's scale: needs the random vectors.");
    const values = random.rows.map((row) => value(row)).filter((found) => found !== undefined);
    return values.length
      ? { kind: 'cells', values, detail }
      : missing("Out of this set's scale: needs more vectors than dimensions.");
  };
}

export const randomGoodnessOfFit = byRow(
  ({ kolmogorovSmirnov }) => kolmogorovSmirnov.p,
  'Kolmogorov-Smirnov p at each m.',
);

export const randomMeanRatio = byRow(
  ({ overlap, meanTheory }) => overlap.meanSquare / meanTheory,
  'Mean square overlap times m.',
);

export const randomVarianceRatio = byRow(
  ({ varianceSquare, varianceSquareTheory }) => varianceSquare / varianceSquareTheory,
  'Variance of squared overlaps over 2(m − 1)/(m²(m + 2)).',
);

export const randomLargestOverWelch = byRow(
  ({ overlap }) =>
    overlap.welchBoundSquared > 0 ? overlap.maximumAbsolute / Math.sqrt(overlap.welchBoundSquared) : undefined,
  'Largest |cos| over κ.',
);
