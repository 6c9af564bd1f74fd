/** Eq. 8, L = C / m^a + L0[family, data set], and how far the losses support it (Figs. 8b, 21; App. D.8). */
import { bootstrap } from '../../../numerics/statistics/bootstrap.ts';
import { fitLossLaw } from '../../../numerics/statistics/loss-law.ts';
import type { StreamKey } from '../../../numerics/random/streams.ts';
import { fitLine, fitParallelLines, testEqualSlopes } from '../../../numerics/statistics/regression.ts';
import type { Points } from '../../../numerics/statistics/regression.ts';
import type { ValueOf } from 'repro';
import type { LossFits } from '../artifacts.ts';

export type LossPoint = ValueOf<typeof LossFits>['points'][number];

/** Throws an Error if a model has two losses on one data set, or if no group has two widths. */
export function fitLosses(given: readonly LossPoint[], draws: number, key: StreamKey): ValueOf<typeof LossFits> {
  const points = [...given].sort(
    (a, b) => compare(a.family, b.family) || compare(a.dataset, b.dataset) || a.m - b.m || compare(a.model, b.model),
  );
  points.forEach(({ model, dataset }, i) => {
    const next = points[i + 1];
    if (next?.model === model && next.dataset === dataset) throw new Error(`two losses of ${model} on ${dataset}`);
  });
  const families = distinct(points.map(({ family }) => family));
  const groups = families.flatMap((family) =>
    distinct(points.map(({ dataset }) => dataset)).map((dataset) => ({
      family,
      dataset,
      points: points.filter((point) => point.family === family && point.dataset === dataset),
    })),
  );
  const modelsOf = (family: string): LossPoint[][] => {
    const own = points.filter((point) => point.family === family);
    return distinct(own.map(({ model }) => model)).map((model) => own.filter((point) => point.model === model));
  };
  const models = families.flatMap(modelsOf);
  return {
    points,
    law: law(points),
    bootstrap: bootstrap(families.map(modelsOf), draws, key, (sample) => law(sample.flat()).exponent),
    leaveOneOut: models.flatMap((left) => {
      const rest = models.filter((model) => model !== left).flat();
      return widths(rest) < 3 ? [] : [{ model: left[0]!.model, exponent: law(rest).exponent }];
    }),
    families: families.map((family) => {
      const own = modelsOf(family).flat();
      return { family, exponent: widths(own) < 3 ? null : law(own).exponent };
    }),
    linear: groups
      .filter((group) => widths(group.points) >= 3)
      .map(({ family, dataset, points: own }) => {
        const { x, y } = againstInverseWidth(own);
        const { slope, intercept, r2 } = fitLine(x, y);
        return { family, dataset, slope, intercept, r2 };
      }),
    commonSlope: commonSlope(
      groups.filter((group) => widths(group.points) >= 2).map((group) => againstInverseWidth(group.points)),
    ),
  };
}

function law(points: readonly LossPoint[]) {
  return fitLossLaw(points.map(({ m, loss, family, dataset }) => ({ m, loss, group: `${family}, ${dataset}` })));
}

/** One slope in 1/m for all groups, and the test against one for each; null where there are too few points for it. */
function commonSlope(groups: readonly Points[]): ValueOf<typeof LossFits>['commonSlope'] {
  const count = groups.reduce((sum, { x }) => sum + x.length, 0);
  if (groups.length < 2 || count <= 2 * groups.length) return null;
  const { slope, standardError } = fitParallelLines(groups);
  return { slope, standardError, ...testEqualSlopes(groups) };
}

function againstInverseWidth(points: readonly LossPoint[]): { x: number[]; y: number[] } {
  return { x: points.map(({ m }) => 1 / m), y: points.map(({ loss }) => loss) };
}

function widths(points: readonly LossPoint[]): number {
  return distinct(points.map(({ m }) => m)).length;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
