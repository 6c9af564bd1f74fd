/**
 * Where our numbers differ from the authors' by more than seeds do: by their own seeds, and by a spread that is
 * borrowed.
 */
import { formatNumber, formatPercent, markdownTable } from 'repro/claims';
import { exp } from '../../../numerics/elementary.ts';
import { fewestSeeds } from '../../../numerics/statistics/mean-interval.ts';
import { mean, standardDeviation } from '../../../numerics/statistics/moments.ts';
import { nearestAlpha, steepestForLaws } from '../replication/borrowed.ts';
import type { Borrowed, Lender } from '../replication/borrowed.ts';
import { causeOf } from '../replication/causes.ts';
import type { Cause } from '../replication/causes.ts';
import type { ComparedCell } from '../replication/cells.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';
import { distanceOf, hasSpread, isInside } from '../replication/spread.ts';
import type { Compared, Series } from '../replication/series.ts';

/** What chance alone puts outside a 95% interval. */
const chance = 0.05;
/** Rows of the list without seeds; the rest is counted. */
const mostRows = 12;

export const lessTheirs = ({ ours, theirs }: Compared): number => mean(ours) - theirs;
/** A difference as it is read: of logarithms a ratio. */
export const differenceText = ({ logarithmic }: Series, difference: number): string =>
  logarithmic ? `× ${formatNumber(exp(difference))}` : `${difference > 0 ? '+' : ''}${formatNumber(difference)}`;
const valueText = ({ logarithmic }: Series, value: number): string => formatNumber(logarithmic ? exp(value) : value);
const deviationText = ({ logarithmic }: Series, deviation: number): string =>
  logarithmic ? `a factor of ${formatNumber(exp(deviation))}` : `± ${formatNumber(deviation)}`;
const numbers = (count: number): string => (count === 1 ? '1 number' : `${count} numbers`);
const whatText = ({ series, point }: ComparedCell): string => `${series.what}, ${point.place}`;
const expected = (count: number): string =>
  `by chance alone ${formatPercent(chance)} would be, ${formatNumber(chance * count)} of them`;

/** The numbers with at least three seeds that are outside our 95% prediction interval. */
export function listDifferences(cells: readonly ComparedCell[], causes: readonly Cause[]): string[] {
  const seeded = cells.filter(({ point }) => hasSpread(point));
  const outside = seeded.filter(({ point }) => !isInside(point));
  const open = cells.length - seeded.length;
  const notJudged = open
    ? ` Not judged by seeds of their own: ${numbers(open)} with fewer than ${fewestSeeds} seeds, or the same value in all of them.`
    : '';
  const heading = '### Where they differ by more than our seeds do';
  if (!seeded.length) return [heading, `No number has ${fewestSeeds} seeds here.${notJudged}`];
  const count = `${outside.length} of the ${numbers(seeded.length)} with a spread`;
  const finding = `${count} ${outside.length === 1 ? 'is' : 'are'} outside our 95% prediction interval; ${expected(seeded.length)}.${notJudged}`;
  if (!outside.length) return [heading, `Nowhere: ${finding}`];
  const rows = outside.map((cell) => {
    const { figures, series, point } = cell;
    return [
      figures,
      whatText(cell),
      `${valueText(series, mean(point.ours))} (${point.ours.length} seeds, ${deviationText(series, standardDeviation(point.ours))})`,
      valueText(series, point.theirs),
      formatNumber(Math.abs(distanceOf(point))),
      causeOf(cell, causes),
    ];
  });
  return [
    heading,
    finding,
    markdownTable(['Figures', 'What', 'Ours', 'Theirs', 'z', 'Cause'], rows) +
      '\n\nIn brackets: seeds, and their standard deviation, of losses as a factor. A number that several figures show is one row; theirs is that of the figure read most exactly.',
  ];
}

type Judged = ComparedCell & { readonly spread: Borrowed };

/**
 * The numbers with fewer seeds that are outside the interval that a borrowed spread gives. Nothing where none can be
 * borrowed.
 */
export function listWithoutSeeds(cells: readonly ComparedCell[], causes: readonly Cause[], lender: Lender): string[] {
  // At another n a difference may come from the scale alone, so that a spread says little of it.
  const open = cells.filter(({ point, series }) => series.sameScale && !hasSpread(point));
  const judged = open.flatMap((cell): Judged[] => {
    const { series, point } = cell;
    const spread = series.quantity && point.origin && lender.borrow(series.quantity, point.origin);
    return spread ? [{ ...cell, spread }] : [];
  });
  if (!judged.length) return [];
  const outside = judged
    .filter(({ point, spread }) => !isInside(point, spread))
    .sort((a, b) => Math.abs(lessTheirs(b.point)) - Math.abs(lessTheirs(a.point)));
  const without = open.length - judged.length;
  const others = without ? ` Not judged: ${numbers(without)} that no spread can be borrowed for.` : '';
  const finding = `${outside.length} of the ${numbers(judged.length)} ${outside.length === 1 ? 'is' : 'are'} outside the 95% prediction interval with a borrowed spread; ${expected(judged.length)}.${others}`;
  return ['### Without seeds of their own', borrowedText(judged, lender), finding, ...table(outside, causes)];
}

/** What is borrowed, and why it may be wrong. */
function borrowedText(judged: readonly Judged[], { rows, n }: Lender): string {
  const ofRows = judged.filter(({ spread }) => spread.from === 'rows');
  const ofCurves = ofRows.length < judged.length ? ['their own curve at other m, where that has seeds'] : [];
  const gammas = rows.map((gamma) => formatNumber(gamma)).join(' and ');
  const rowsText = `the rows of the small sweep that have seeds (γ = ${gammas}), on the same side of γ = 0, and with α within ${nearestAlpha}, or up to ${steepestForLaws} for laws without α`;
  const sources = [...ofCurves, ...(ofRows.length ? [rowsText] : [])].join(', or else of ');
  const others = distinct(ofRows.map(({ point }) => point.origin!.n).filter((own) => own !== n)).join(' and ');
  const scale = others ? ` For n = ${others} it comes from n = ${n}, and may not hold there.` : '';
  return `Of these numbers no spread between at least ${fewestSeeds} seeds is known here. It is **borrowed**: the standard deviation between seeds of the same quantity, pooled, of ${sources}. Of single models these are the numbers at the nearest m/n. At another γ, E or law it may be another one.${scale} So a row is a place to look at, and not a finding.`;
}

function table(outside: readonly Judged[], causes: readonly Cause[]): string[] {
  if (!outside.length) return [];
  const rows = outside.slice(0, mostRows).map((cell) => {
    const { figures, series, point, spread } = cell;
    return [
      figures,
      whatText(cell),
      valueText(series, mean(point.ours)),
      valueText(series, point.theirs),
      differenceText(series, lessTheirs(point)),
      `${deviationText(series, spread.deviation)} (${spread.degrees} degrees of freedom)`,
      causeOf(cell, causes),
    ];
  });
  const head = ['Figures', 'What', 'Ours', 'Theirs', 'Ours against theirs', 'Borrowed spread', 'Cause'];
  const rest = outside.slice(mostRows);
  const counts = [...groupBy(rest, ({ figures }) => figures)].map(([figures, same]) => `${same.length} in ${figures}`);
  const more = rest.length ? ` And ${rest.length} more, by figure: ${counts.join('; ')}.` : '';
  return [
    markdownTable(head, rows) +
      `\n\nThe largest differences first: of losses by the logarithm of the ratio, of the rest as ours less theirs.${more}`,
  ];
}
