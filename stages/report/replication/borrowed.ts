/** A spread for numbers without seeds of their own, borrowed from comparable numbers that have them. */
import { ln } from '../../../numerics/elementary.ts';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { variance } from '../../../numerics/statistics/moments.ts';
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { cellKey } from '../../toy/cell-keys.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';
import type { Origin, Quantity } from './series.ts';
import type { Spread } from './spread.ts';

/** How far the α of two power laws may be apart. */
export const nearestAlpha = 0.25;
/** Laws without α have no feature as frequent as the first ones of steep power laws, whose seeds scatter most. */
export const steepestForLaws = 1;

export interface Borrowed extends Spread {
  /** Its own curve at other m, or the replicated rows of the small sweep. */
  readonly from: 'curve' | 'rows';
}

/** Seeds of one number of a set. */
interface Replicated {
  readonly origin: Origin;
  readonly values: readonly number[];
}

/** On the scale on which the numbers are compared. */
const measures: Readonly<Record<Exclude<Quantity, 'exponent'>, (model: ModelSummary) => number>> = {
  loss: ({ loss }) => ln(loss),
  representedFraction: ({ representedFraction }) => representedFraction,
  stronglyRepresentedFraction: ({ stronglyRepresentedFraction }) => stronglyRepresentedFraction,
};

/** The numbers of a sweep that have at least three seeds. */
function replicated(sweep: FittedSweepContent | undefined, quantity: Quantity): Replicated[] {
  if (!sweep) return [];
  const all =
    quantity === 'exponent'
      ? sweep.exponents.map((fit) => ({ origin: fit, values: fit.replicates?.exponents ?? [] }))
      : [...groupBy(sweep.models, cellKey).values()].map((seeds) => ({
          origin: seeds[0]!,
          values: seeds.map(measures[quantity]),
        }));
  return all.filter(({ values }) => values.length >= fewestSeeds);
}

export interface Lender {
  /** Of the small sweep. */
  readonly n: number | undefined;
  /** The γ of the small sweep that have seeds. */
  readonly rows: readonly number[];
  /**
   * The spread between seeds of the numbers nearest to one without: of its own large curve if that has seeds,
   * or else of the small sweep on the same side of γ = 0 and near its α; of these at the nearest m/n. Undefined where
   * there are none, or where all seeds agree.
   */
  readonly borrow: (quantity: Quantity, origin: Origin) => Borrowed | undefined;
}

export function lendSpreads(sweeps: readonly FittedSweepContent[]): Lender {
  const known = new Map<string, Replicated[]>();
  const find = (name: string, quantity: Quantity): Replicated[] => {
    const key = `${name} ${quantity}`;
    const sweep = sweeps.find(({ experiment }) => experiment === name);
    const found = known.get(key) ?? replicated(sweep, quantity);
    known.set(key, found);
    return found;
  };
  const rows = find('small', 'loss');
  return {
    n: rows[0]?.origin.n,
    rows: distinct(rows.map(({ origin }) => origin.gamma)),
    borrow: (quantity, origin) => {
      // Small curves with seeds are rows themselves. An exponent is of a whole curve, so that its curve has no other.
      const curve = quantity === 'exponent' ? [] : find('large', quantity).filter(isOfCurve(origin));
      return curve.length
        ? pooled(nearestWidth(curve, origin), 'curve')
        : pooled(nearestWidth(find('small', quantity).filter(isComparable(origin)), origin), 'rows');
    },
  };
}

const isOfCurve =
  ({ frequencies, alpha, gamma, n }: Origin) =>
  ({ origin }: Replicated): boolean =>
    origin.n === n && origin.frequencies === frequencies && origin.alpha === alpha && origin.gamma === gamma;

const isComparable =
  ({ alpha, gamma }: Origin) =>
  ({ origin }: Replicated): boolean =>
    origin.alpha !== null &&
    origin.gamma < 0 === gamma < 0 &&
    (alpha === null ? origin.alpha <= steepestForLaws : Math.abs(origin.alpha - alpha) <= nearestAlpha + 1e-9);

/**
 * Of numbers of single models those at the m/n nearest to that of one without, by ratio: seeds scatter more at large m.
 */
function nearestWidth(found: readonly Replicated[], { n, m }: Origin): readonly Replicated[] {
  if (typeof m !== 'number') return found;
  const distance = ({ origin }: Replicated): number =>
    typeof origin.m === 'number' ? Math.abs(ln(origin.m / origin.n / (m / n))) : Infinity;
  const least = Math.min(...found.map(distance));
  return found.filter((each) => distance(each) <= least + 1e-9);
}

function pooled(found: readonly Replicated[], from: Borrowed['from']): Borrowed | undefined {
  const degrees = found.reduce((sum, { values }) => sum + values.length - 1, 0);
  const squares = found.reduce((sum, { values }) => sum + (values.length - 1) * variance(values), 0);
  return squares > 0 ? { deviation: Math.sqrt(squares / degrees), degrees, from } : undefined;
}
