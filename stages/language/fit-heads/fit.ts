/** How the geometry of heads goes with their width (Figs. 8a, 20; App. A.2). */
import { fitParallelLines, fitPowerLaw, logs } from '../../../numerics/statistics/regression.ts';
import type { ValueOf } from 'repro';
import type { HeadFits, HeadSummary } from '../artifacts.ts';

/** One line through all heads, as the paper has it, and one of the norms for each family. Throws if a model comes twice. */
export function fitHeads(summaries: readonly HeadSummary[]): ValueOf<typeof HeadFits> {
  const heads = [...summaries].sort((a, b) =>
    a.family === b.family ? a.m - b.m || (a.model < b.model ? -1 : 1) : a.family < b.family ? -1 : 1,
  );
  heads.forEach(({ model }, i) => {
    if (heads[i + 1]?.model === model) throw new Error(`two measurements of the head of ${model}`);
  });
  const families = [...new Set(heads.map(({ family }) => family))];
  return {
    heads,
    overlap: slopeOf(heads, ({ meanSquare }) => meanSquare),
    crossEntropy: commonSlope(families.map((family) => heads.filter((head) => head.family === family))),
    crossEntropyOneLine: slopeOf(heads, crossEntropy),
    norms: families.map((family) => {
      const own = heads.filter((head) => head.family === family);
      if (widthsOf(own) < 2) return { family, slope: null, standardError: null };
      const { slope, standardError } = fitPowerLaw(
        own.map(({ m }) => m),
        own.map(({ norm }) => norm.mean),
      );
      return { family, slope, standardError };
    }),
  };
}

function crossEntropy({ crossEntropyOverlap }: HeadSummary): number {
  return crossEntropyOverlap;
}

/** One slope of Eq. 14 for all families that have two widths; null where these leave no residual to judge it by. */
function commonSlope(families: readonly (readonly HeadSummary[])[]) {
  const groups = families
    .map((heads) => heads.filter((head) => crossEntropy(head) > 0))
    .filter((heads) => widthsOf(heads) > 1);
  const count = groups.reduce((sum, heads) => sum + heads.length, 0);
  if (count < groups.length + 2) return null;
  return fitParallelLines(
    groups.map((heads) => ({ x: logs(heads.map(({ m }) => m)), y: logs(heads.map(crossEntropy)) })),
  );
}

function slopeOf(heads: readonly HeadSummary[], value: (head: HeadSummary) => number) {
  const positive = heads.filter((head) => value(head) > 0);
  return widthsOf(positive) < 3
    ? null
    : fitPowerLaw(
        positive.map(({ m }) => m),
        positive.map(value),
      );
}

function widthsOf(heads: readonly HeadSummary[]): number {
  return new Set(heads.map(({ m }) => m)).size;
}
