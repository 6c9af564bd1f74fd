/** The closed set of rules by which claims are judged. Pure: expectation and evidence in, verdict out. */
import type { Verdict } from './claim.ts';
import type { Expectation, Part } from './definition.ts';
import { seedCount } from './evidence.ts';
import type { Cell, CellCount, Cells, ErrorSource, Estimate, Evidence, SeedCount, Unfinished } from './evidence.ts';
import { formatNumber, formatPercent } from './numbers.ts';
import { mean, quantile, standardErrorOfMean } from './statistics.ts';

const bounds = ['low', 'high', 'above', 'below'] as const;

/** Every rule, what it judges, and the numbers it takes. Bounds `low`, `high` are included, `above`, `below` are not. */
export const rules = {
  /** |x - value| <= 2 sqrt(s^2 + uncertainty^2); inconclusive if s > uncertainty. */
  agree: { kind: 'estimate', required: ['value', 'uncertainty'], optional: [] },
  /** The estimate is within the bounds. */
  within: { kind: 'estimate', required: [], optional: bounds },
  /** The whole 95% interval is; inconclusive if only the estimate is. */
  'interval-within': { kind: 'estimate', required: [], optional: bounds },
  /** The 95% interval contains the value; inconclusive if its half width exceeds `halfWidth`. */
  'interval-contains': { kind: 'estimate', required: ['value', 'halfWidth'], optional: [] },
  /** At least the given share of the cells is within the bounds. */
  share: { kind: 'cells', required: ['share'], optional: bounds },
  /** The same of the 95% interval of each cell. */
  'share-interval': { kind: 'cells', required: ['share'], optional: bounds },
  /** The 95% interval of every cell is within the bounds; not reproduced if one is wholly outside, else inconclusive. */
  equivalent: { kind: 'cells', required: ['low', 'high'], optional: [] },
  mean: { kind: 'cells', required: [], optional: bounds },
  median: { kind: 'cells', required: [], optional: bounds },
  largest: { kind: 'cells', required: [], optional: bounds },
} as const satisfies Record<
  string,
  { kind: 'estimate' | 'cells'; required: readonly string[]; optional: readonly string[] }
>;
export type RuleName = keyof typeof rules;

/** Constants of all rules, each with its reason. */
export const ruleConstants = {
  /** Of the cells that a set has for a rule, those that must have a value: a rule must not pass on the few that do. */
  definedShare: 0.8,
  /** Of the cells that the published design has, those that a set must have: a corner of a sweep is not the sweep. */
  designShare: 0.25,
  /** Fewer cells say nothing of a sweep, whatever its design. */
  fewestCells: 3,
  /** Standard errors within which two numbers agree: 95% for a normal error. */
  agreeErrors: 2,
} as const;

export interface Judgement {
  readonly verdict: Verdict;
  /** What the rule compared; null where nothing was measured or it is infinite. */
  readonly measured: number | null;
  readonly standardError: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly errorFrom: ErrorSource | null;
  readonly seeds: SeedCount | null;
  readonly cells: { readonly used: number; readonly planned: number; readonly design: number };
  /** What a run left out of it, if anything. */
  readonly unfinished?: Unfinished;
  /** Whether the rule compares the value alone, and its error reaches across a limit. */
  readonly nearLimit?: true;
  /** How the measured number came about, for readers. */
  readonly note: string;
}

export interface JudgeOptions {
  /** Whether too few cells or seeds make a verdict inconclusive. Not asked of points that others published. */
  readonly enough?: boolean;
}

/** Applies the rule of a part. Throws if the expectation lacks a number the rule needs, which `parseClaims` has ruled out. */
export function judge(part: Part, evidence: Evidence, { enough = true }: JudgeOptions = {}): Judgement {
  const { design } = part;
  const leftOut = evidence.unfinished && { unfinished: evidence.unfinished };
  if (evidence.kind === 'missing') {
    const nothing = { measured: null, standardError: null, low: null, high: null, errorFrom: null, seeds: null };
    return {
      verdict: 'not-run',
      ...nothing,
      cells: { used: 0, planned: 0, design },
      ...leftOut,
      note: evidence.reason,
    };
  }
  const cells = evidence.kind === 'estimate' ? evidence.cells : countCells(evidence);
  const found =
    evidence.kind === 'estimate' ? judgeEstimate(part, evidence) : judgeCells(part, usable(evidence), evidence.detail);
  const lacking = enough
    ? (unfinished(evidence.unfinished) ?? tooFewCells(cells, design) ?? tooFewSeeds(part, evidence))
    : undefined;
  return {
    verdict: lacking === undefined ? found.verdict : 'inconclusive',
    measured: finite(found.measured),
    standardError: finite(found.standardError),
    low: finite(found.low),
    high: finite(found.high),
    errorFrom: found.errorFrom,
    seeds: found.seeds,
    cells: { used: cells.used, planned: cells.planned, design },
    ...leftOut,
    ...(found.nearLimit && lacking === undefined && { nearLimit: true as const }),
    note: [found.note, lacking].filter(Boolean).join(' '),
  };
}

/** Why a run has finished too little of what its set has for a rule; undefined if it has enough. */
function unfinished(found: Unfinished | undefined): string | undefined {
  if (!found || !isUnfinished(found)) return undefined;
  return `Too few cells: ${found.planned - found.absent} of the ${found.planned} of this set are finished, and ${formatPercent(ruleConstants.definedShare)} are needed.`;
}

/** Whether a run is without so many cells that no rule counts. */
export function isUnfinished({ planned, absent }: Unfinished): boolean {
  return planned - absent < ruleConstants.definedShare * planned;
}

/** Whether nothing but what a run left out keeps a claim from being reproduced. */
export function isLeftOpen({
  parts,
}: {
  readonly parts: readonly Pick<Judgement, 'verdict' | 'unfinished'>[];
}): boolean {
  return parts.every(
    ({ verdict, unfinished }) =>
      verdict === 'reproduced' ||
      (verdict !== 'not-reproduced' && unfinished !== undefined && isUnfinished(unfinished)),
  );
}

/** Whether a part has no verdict because a run left something out. */
export function isPartOpen({ verdict, unfinished }: Pick<Judgement, 'verdict' | 'unfinished'>): boolean {
  return verdict === 'not-run' || (verdict === 'inconclusive' && unfinished !== undefined && isUnfinished(unfinished));
}

/** `, not finished: 6 of 36`: of a part that is open in a claim that is not; else empty. */
export function openWords(part: Pick<Judgement, 'verdict' | 'unfinished'>, claim: Verdict): string {
  const { verdict, unfinished: left } = part;
  if (verdict !== 'inconclusive' || claim === 'inconclusive') return '';
  return isPartOpen(part) && left
    ? `, not finished: ${left.planned - left.absent} of ${left.planned}`
    : ', inconclusive';
}

/** Why a set has too few cells for a verdict; undefined if it has enough. */
function tooFewCells({ planned, excluded, used }: CellCount, design: number): string | undefined {
  const { definedShare, designShare, fewestCells } = ruleConstants;
  const least = Math.min(design, Math.max(fewestCells, Math.ceil(designShare * design)));
  if (planned < least)
    return `Too few cells: this set has ${planned} of the design's ${design}, and ${least} are needed.`;
  const meant = planned - excluded;
  if (used < definedShare * meant)
    return `Too few cells: ${used} of ${meant} have a value, and ${formatPercent(definedShare)} are needed.`;
  if (used < Math.min(design, fewestCells)) return `Too few cells: ${used} have a value.`;
  return undefined;
}

function tooFewSeeds({ seeds: needed }: Part, evidence: Evidence): string | undefined {
  if (needed === undefined || evidence.kind === 'missing') return undefined;
  const found = evidence.kind === 'estimate' ? evidence.seeds : seedCount(evidence.cells.map(({ seeds }) => seeds));
  const least = found?.least ?? 1;
  return least < needed ? `Too few seeds: a cell has ${least}, and ${needed} are needed.` : undefined;
}

function usable({ cells }: Cells): Cell[] {
  return cells.filter(({ value }) => !Number.isNaN(value));
}

function countCells(evidence: Cells): CellCount {
  const { cells, excluded } = evidence;
  return { planned: cells.length + excluded, excluded, used: usable(evidence).length };
}

interface Finding extends Pick<Estimate, 'standardError' | 'low' | 'high' | 'errorFrom' | 'seeds'> {
  readonly verdict: Verdict;
  readonly measured: number;
  readonly nearLimit?: boolean;
  readonly note: string;
}

function judgeEstimate({ rule, expectation }: Part, estimate: Estimate): Finding {
  const { value, standardError: error, low, high, errorFrom, seeds, detail } = estimate;
  const found = (verdict: Verdict, note = ''): Finding => ({
    ...{ verdict, measured: value, standardError: error, low, high, errorFrom, seeds },
    note: [detail, note].filter(Boolean).join(' '),
  });
  if (Number.isNaN(value)) return found('inconclusive', 'The estimate is undefined.');
  switch (rule) {
    case 'within': {
      const verdict = within(value, expectation) ? 'reproduced' : 'not-reproduced';
      if (low === null || high === null || !crosses(value, [low, high], expectation)) return found(verdict);
      const note = `Its 95% interval, ${formatNumber(low)} to ${formatNumber(high)}, crosses the limit; the rule compares the value alone.`;
      return { ...found(verdict, note), nearLimit: true };
    }
    case 'agree': {
      const wanted = needed(expectation, 'value');
      const tolerance = needed(expectation, 'uncertainty');
      const s = error ?? 0;
      if (Number.isNaN(s)) return found('inconclusive', 'The standard error is undefined.');
      if (s > tolerance) return found('inconclusive', `The standard error exceeds ${formatNumber(tolerance)}.`);
      const reach = ruleConstants.agreeErrors * Math.sqrt(s * s + tolerance * tolerance);
      return found(Math.abs(value - wanted) <= reach ? 'reproduced' : 'not-reproduced');
    }
    case 'interval-within': {
      if (!within(value, expectation)) return found('not-reproduced', interval(low, high));
      const whole = low !== null && high !== null && within(low, expectation) && within(high, expectation);
      return found(whole ? 'reproduced' : 'inconclusive', interval(low, high));
    }
    case 'interval-contains': {
      const wanted = needed(expectation, 'value');
      const widest = needed(expectation, 'halfWidth');
      if (low === null || high === null || !((high - low) / 2 <= widest))
        return found('inconclusive', interval(low, high));
      return found(low <= wanted && wanted <= high ? 'reproduced' : 'not-reproduced', interval(low, high));
    }
    default:
      throw new Error(`rule ${rule} judges cells, not an estimate`);
  }
}

function judgeCells({ rule, expectation }: Part, cells: readonly Cell[], detail: string): Finding {
  const values = cells.map(({ value }) => value);
  const seeds = seedCount(cells.map(({ seeds }) => seeds));
  const found = (verdict: Verdict, measured: number, note: string, error: number | null = null): Finding => ({
    ...{ verdict, measured, standardError: error, low: null, high: null },
    ...{ errorFrom: error === null ? null : ('cells' as const), seeds },
    note: [detail, note].filter(Boolean).join(' '),
  });
  const holds = (ok: boolean): Verdict => (ok ? 'reproduced' : 'not-reproduced');
  if (!values.length) return found('inconclusive', Number.NaN, 'No cell has a value.');
  switch (rule) {
    case 'share':
    case 'share-interval': {
      const inside = cells.filter((cell) =>
        rule === 'share' ? within(cell.value, expectation) : wholly(cell, expectation),
      ).length;
      const share = inside / values.length;
      const note = `${inside} of ${plural(values.length)} (${formatPercent(share)}); ${spread(values)}.`;
      return found(holds(share >= needed(expectation, 'share')), share, note);
    }
    case 'equivalent': {
      const inside = cells.filter((cell) => wholly(cell, expectation)).length;
      const outside = cells.filter((cell) => beyond(cell, expectation)).length;
      const share = inside / values.length;
      const note = `The interval is inside for ${inside} of ${plural(values.length)}, outside for ${outside}; ${spread(values)}.`;
      return found(outside ? 'not-reproduced' : share === 1 ? 'reproduced' : 'inconclusive', share, note);
    }
    case 'mean': {
      const centre = mean(values);
      const error = standardErrorOfMean(values);
      const reach = ruleConstants.agreeErrors * (error ?? 0);
      const nearLimit = crosses(centre, [centre - reach, centre + reach], expectation);
      const open = nearLimit
        ? ` The limit is within ${ruleConstants.agreeErrors} of its standard errors; the rule compares the value alone.`
        : '';
      const note = `Mean of ${plural(values.length)}; ${spread(values)}.${open}`;
      return { ...found(holds(within(centre, expectation)), centre, note, error), nearLimit };
    }
    case 'median': {
      const centre = quantile(values, 0.5);
      return found(
        holds(within(centre, expectation)),
        centre,
        `Median of ${plural(values.length)}; ${spread(values)}.`,
      );
    }
    case 'largest': {
      const top = Math.max(...values);
      return found(holds(within(top, expectation)), top, `Largest of ${plural(values.length)}; ${spread(values)}.`);
    }
    default:
      throw new Error(`rule ${rule} judges an estimate, not cells`);
  }
}

export function within(value: number, { low, high, above, below }: Expectation): boolean {
  return (
    (low === undefined || value >= low) &&
    (high === undefined || value <= high) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  );
}

/** Whether a limit lies between the value and an end of its interval, so that the value's verdict is not that of all of it. */
function crosses(value: number, ends: readonly [number, number], expectation: Expectation): boolean {
  const { low, high, above, below } = expectation;
  const [bottom, top] = [low ?? above ?? -Infinity, high ?? below ?? Infinity];
  const isWithin = within(value, expectation);
  const spans = !isWithin && ends[0] < bottom && ends[1] > top;
  return spans || ends.some((end) => within(end, expectation) !== isWithin);
}

function wholly({ low, high }: Cell, expectation: Expectation): boolean {
  return low !== undefined && high !== undefined && within(low, expectation) && within(high, expectation);
}

function beyond({ low, high }: Cell, expectation: Expectation): boolean {
  if (low === undefined || high === undefined) return false;
  return high < needed(expectation, 'low') || low > needed(expectation, 'high');
}

function needed(expectation: Expectation, name: keyof Expectation): number {
  const number = expectation[name];
  if (number === undefined) throw new Error(`the expectation lacks ${name}`);
  return number;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function interval(low: number | null, high: number | null): string {
  return low === null || high === null
    ? 'There is no interval.'
    : `95% interval ${formatNumber(low)} to ${formatNumber(high)}.`;
}

function spread(values: readonly number[]): string {
  if (values.length === 1) return `value ${formatNumber(values[0]!)}`;
  const [bottom, lower, upper, top] = [0, 0.25, 0.75, 1].map((p) => formatNumber(quantile(values, p)));
  return values.length < 5 ? `range ${bottom} to ${top}` : `quartiles ${lower} and ${upper}, range ${bottom} to ${top}`;
}

function plural(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}
