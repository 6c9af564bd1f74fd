/** Random unit vectors against their theory. */
import type { ValueOf } from 'repro';
import { defineQuantity, missing } from 'repro/claims';
import type { Cells, Missing, Part } from 'repro/claims';
import type { RandomGeometry } from '../../../toy/artifacts.ts';
import type { Sources } from './sources.ts';

type Row = ValueOf<typeof RandomGeometry>['rows'][number];

function byRow(
  value: (row: Row) => number | undefined,
  detail: string,
): (part: Part, sources: Sources) => Cells | Missing {
  return (_, { random }) => {
    if (!random) return missing("Out of this set's scale: needs the random vectors.");
    const values = random.rows.map((row) => value(row)).filter((found) => found !== undefined);
    return values.length
      ? { kind: 'cells', cells: values.map((found) => ({ value: found })), excluded: 0, detail }
      : missing("Out of this set's scale: needs more vectors than dimensions.");
  };
}

export const randomGoodnessOfFit = defineQuantity<Sources>({
  id: 'random-goodness-of-fit',
  label: 'p of Beta(½, (m − 1)/2)',
  kind: 'cells',
  measure: byRow(({ kolmogorovSmirnov }) => kolmogorovSmirnov.p, 'Kolmogorov-Smirnov p at each m.'),
});

export const randomMeanRatio = defineQuantity<Sources>({
  id: 'random-mean-ratio',
  label: 'mean squared cosine × m',
  kind: 'cells',
  measure: byRow(({ overlap, meanTheory }) => overlap.meanSquare / meanTheory, 'Mean square overlap times m.'),
});

export const randomVarianceRatio = defineQuantity<Sources>({
  id: 'random-variance-ratio',
  label: 'variance of the squared cosine over theory',
  kind: 'cells',
  measure: byRow(
    ({ varianceSquare, varianceSquareTheory }) => varianceSquare / varianceSquareTheory,
    'Variance of squared overlaps over 2(m − 1)/(m²(m + 2)).',
  ),
});

export const randomLargestOverWelch = defineQuantity<Sources>({
  id: 'random-largest-over-welch',
  label: 'largest |cos| / κ',
  kind: 'cells',
  measure: byRow(
    ({ overlap }) =>
      overlap.welchBoundSquared > 0 ? overlap.maximumAbsolute / Math.sqrt(overlap.welchBoundSquared) : undefined,
    'Largest |cos| over κ.',
  ),
});
