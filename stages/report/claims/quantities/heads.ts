/** What is claimed of the heads of language models (Figs. 8a, 19, 20; App. A.2). */
import type { ValueOf } from 'repro';
import { allCells, defineQuantity, formatNumber, missing } from 'repro/claims';
import type { Cells, Estimate, Evidence, Missing, Part } from 'repro/claims';
import type { HeadFits } from '../../../language/artifacts.ts';
import { notHad, unreadModels, withDetail } from './language.ts';
import type { Sources } from './sources.ts';

type Heads = ValueOf<typeof HeadFits>;

function overHeads<Found extends Evidence>(
  measure: (heads: Heads) => Found | Missing,
): (part: Part, sources: Sources) => Found | Missing {
  return (_, sources) =>
    sources.heads
      ? withDetail(measure(sources.heads), notHad(sources.heads.missing) + unverified(sources))
      : unreadModels(sources);
}

/** Heads that were read by range, and whose checkpoints were not fetched whole, to be compared with their digests. */
function unverified({ heads, losses }: Sources): string {
  const compared = new Set(losses?.points.map(({ model }) => model));
  const models = heads?.heads.map(({ model }) => model).filter((model) => !compared.has(model)) ?? [];
  return models.length
    ? ` Unverified, since only a range of their files was fetched: the heads of ${models.join(', ')}; lock.json pins their digests.`
    : '';
}

function slope(line: Heads['overlap'], detail: string): Estimate | Missing {
  if (!line) return missing("Out of this set's scale: needs heads of three widths.");
  const { slope: value, standardError, low, high, count } = line;
  return {
    kind: 'estimate',
    ...{ value, standardError, low, high, errorFrom: 'fit' },
    cells: allCells(count),
    seeds: null,
    detail: `Log-log slope over ${count} heads. ${detail}`,
  };
}

/** Slope of the mean square overlap on m. */
export const overlapSlope = defineQuantity<Sources>({
  id: 'llm-overlap-slope',
  label: 'slope of the mean square overlap on m',
  kind: 'estimate',
  measure: overHeads(({ heads, overlap }) => {
    const scaled = heads.map(({ meanSquare, m }) => meanSquare * m);
    return slope(
      overlap,
      `The mean square overlap times m, 1 for random directions, runs from ${formatNumber(Math.min(...scaled))} to ${formatNumber(Math.max(...scaled))}: the rule is about the slope, not about this level.`,
    );
  }),
});

/** Slope of Eq. 14 on m; Eq. 14 grows with the vocabulary and falls with the norms, so each family has a constant of its own. */
export const crossEntropySlope = defineQuantity<Sources>({
  id: 'llm-cross-entropy-slope',
  label: 'slope of Eq. 14 on m',
  kind: 'estimate',
  measure: overHeads(({ heads, crossEntropy, crossEntropyOneLine: single }) => {
    const values = heads.map(({ crossEntropyOverlap }) => crossEntropyOverlap);
    const oneLine = single
      ? ` By one line through all heads it is ${formatNumber(single.slope)} ± ${formatNumber(single.standardError)}.`
      : '';
    return slope(
      crossEntropy,
      `One slope, a constant for each family.${oneLine} Eq. 14, the mean over the rows of each head, runs from ${formatNumber(Math.min(...values))} to ${formatNumber(Math.max(...values))}.`,
    );
  }),
});

const ofHeads = (values: readonly number[], detail: string): Cells => ({
  kind: 'cells',
  cells: values.map((value) => ({ value })),
  excluded: 0,
  detail,
});

/** The smallest norm of each head. */
export const smallestNorm = defineQuantity<Sources>({
  id: 'llm-smallest-norm',
  label: 'smallest row norm',
  kind: 'cells',
  measure: overHeads(({ heads }) => {
    const known = heads.filter(({ norm }) => Number.isFinite(norm.minimum));
    const least = [...known].sort((a, b) => a.norm.minimum - b.norm.minimum)[0];
    if (!least) return missing('Needs a head.');
    return ofHeads(
      known.map(({ norm }) => norm.minimum),
      `Smallest row norm of ${known.length} heads; the least is ${least.model}’s, ${formatNumber(least.norm.minimum)}, of a mean of ${formatNumber(least.norm.mean)}.`,
    );
  }),
});

/** Slope of the mean norm on m in each family that has two widths. */
export const normSlope = defineQuantity<Sources>({
  id: 'llm-norm-slope',
  label: 'slope of the mean norm on m',
  kind: 'cells',
  measure: overHeads(({ norms }) => {
    const slopes = norms.flatMap(({ family, slope }) => (slope === null ? [] : [{ family, slope }]));
    if (!slopes.length) return missing("Out of this set's scale: needs heads of two widths in a family.");
    return ofHeads(
      slopes.map(({ slope }) => slope),
      `Log-log slope of the mean norm on m: ${slopes.map(({ family, slope }) => `${formatNumber(slope)} (${family})`).join(', ')}.`,
    );
  }),
});
