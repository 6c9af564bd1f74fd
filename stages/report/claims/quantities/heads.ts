/** What is claimed of the heads of language models (Figs. 8a, 19, 20; App. A.2). */
import type { ValueOf } from 'repro';
import type { HeadFits } from '../../../language/artifacts.ts';
import { formatNumber } from '../../format.ts';
import { missing } from '../evidence.ts';
import type { Evidence } from '../evidence.ts';
import { unreadModels } from './language.ts';
import type { Quantity } from './sources.ts';

type Heads = ValueOf<typeof HeadFits>;

function overHeads(measure: (heads: Heads) => Evidence): Quantity {
  return (_, sources) => (sources.heads ? measure(sources.heads) : unreadModels(sources));
}

function slope(line: Heads['overlap'], detail: string): Evidence {
  if (!line) return missing("Out of this set's scale: needs heads of three widths.");
  const { slope: value, standardError, low, high } = line;
  return {
    kind: 'estimate',
    value,
    standardError,
    low,
    high,
    detail: `Log-log slope over ${line.count} heads. ${detail}`,
  };
}

/** Slope of the mean square overlap on m. */
export const overlapSlope = overHeads(({ heads, overlap }) => {
  const scaled = heads.map(({ meanSquare, m }) => meanSquare * m);
  return slope(
    overlap,
    `The mean square overlap times m, 1 for random directions, runs from ${formatNumber(Math.min(...scaled))} to ${formatNumber(Math.max(...scaled))}.`,
  );
});

/** Slope of Eq. 14 on m; Eq. 14 grows with the vocabulary and falls with the norms, so each family has a constant of its own. */
export const crossEntropySlope = overHeads(({ heads, crossEntropy, crossEntropyOneLine: single }) => {
  const values = heads.map(({ crossEntropyOverlap }) => crossEntropyOverlap);
  const beside = single
    ? ` By one line through all heads it is ${formatNumber(single.slope)} ± ${formatNumber(single.standardError)}.`
    : '';
  return slope(
    crossEntropy,
    `One slope, a constant for each family.${beside} Eq. 14, the mean over the rows of each head, runs from ${formatNumber(Math.min(...values))} to ${formatNumber(Math.max(...values))}.`,
  );
});

/** The smallest norm of each head. */
export const smallestNorm = overHeads(({ heads }) => {
  const least = [...heads].sort((a, b) => a.norm.minimum - b.norm.minimum)[0];
  if (!least) return missing('Needs a head.');
  return {
    kind: 'cells',
    values: heads.map(({ norm }) => norm.minimum),
    detail: `Smallest row norm of ${heads.length} heads; the least is ${least.model}’s, ${formatNumber(least.norm.minimum)} beside a mean of ${formatNumber(least.norm.mean)}.`,
  };
});

/** Slope of the mean norm on m in each family that has two widths. */
export const normSlope = overHeads(({ norms }) => {
  const slopes = norms.flatMap(({ family, slope }) => (slope === null ? [] : [{ family, slope }]));
  if (!slopes.length) return missing("Out of this set's scale: needs heads of two widths in a family.");
  return {
    kind: 'cells',
    values: slopes.map(({ slope }) => slope),
    detail: `Log-log slope of the mean norm on m: ${slopes.map(({ family, slope }) => `${formatNumber(slope)} (${family})`).join(', ')}.`,
  };
});
