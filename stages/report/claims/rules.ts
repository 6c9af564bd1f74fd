/** The closed set of rules by which claims are judged. Pure: expectation and evidence in, verdict out. */
import type { Verdict } from 'repro';
import { mean, median, quantile, standardError } from '../../../numerics/statistics/moments.ts';
import { formatNumber, formatPercent } from '../format.ts';
import type { Expectation } from './definition.ts';
import type { Cells, Estimate, Evidence } from './evidence.ts';
import type { RuleName } from './names.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** What the rule compared; null where nothing was measured or it is infinite. */
  readonly measured: number | null;
  readonly uncertainty: number | null;
  /** How the measured number came about, for readers. */
  readonly note: string;
}

/** Applies a rule. Throws if the expectation lacks a number the rule needs, which `parseClaims` has ruled out. */
export function judge(rule: RuleName, expectation: Expectation, evidence: Evidence): Judgement {
  if (evidence.kind === 'missing')
    return { verdict: 'not-run', measured: null, uncertainty: null, note: evidence.reason };
  const { verdict, measured, uncertainty, note } =
    evidence.kind === 'estimate' ? judgeEstimate(rule, expectation, evidence) : judgeCells(rule, expectation, evidence);
  return { verdict, measured: finite(measured), uncertainty: uncertainty === null ? null : finite(uncertainty), note };
}

interface Finding {
  readonly verdict: Verdict;
  readonly measured: number;
  readonly uncertainty: number | null;
  readonly note: string;
}

function judgeEstimate(rule: RuleName, expectation: Expectation, estimate: Estimate): Finding {
  const { value, standardError: error, low, high, detail } = estimate;
  const found = (verdict: Verdict, note = ''): Finding => ({
    verdict,
    measured: value,
    uncertainty: error,
    note: [detail, note].filter(Boolean).join(' '),
  });
  if (Number.isNaN(value)) return found('inconclusive', 'The estimate is undefined.');
  switch (rule) {
    case 'within':
      return found(within(value, expectation) ? 'reproduced' : 'not-reproduced');
    case 'agree': {
      const wanted = needed(expectation, 'value');
      const tolerance = needed(expectation, 'uncertainty');
      const s = error ?? 0;
      if (s > 2 * tolerance) return found('inconclusive', `The standard error exceeds ${formatNumber(2 * tolerance)}.`);
      return found(
        Math.abs(value - wanted) <= 2 * Math.sqrt(s * s + tolerance * tolerance) ? 'reproduced' : 'not-reproduced',
      );
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

function judgeCells(rule: RuleName, expectation: Expectation, { values, detail }: Cells): Finding {
  if (values.some(Number.isNaN))
    return { verdict: 'inconclusive', measured: Number.NaN, uncertainty: null, note: `${detail} A cell is undefined.` };
  const found = (ok: boolean, measured: number, uncertainty: number | null, note: string): Finding => ({
    verdict: ok ? 'reproduced' : 'not-reproduced',
    measured,
    uncertainty,
    note: [detail, note].filter(Boolean).join(' '),
  });
  switch (rule) {
    case 'share': {
      const inside = values.filter((value) => within(value, expectation)).length;
      const share = inside / values.length;
      return found(
        share >= needed(expectation, 'share'),
        share,
        null,
        `${inside} of ${values.length} cells (${formatPercent(share)}); ${spread(values)}.`,
      );
    }
    case 'mean': {
      const centre = mean(values);
      const error = values.length > 1 ? standardError(values) : null;
      return found(within(centre, expectation), centre, error, `Mean of ${plural(values.length)}; ${spread(values)}.`);
    }
    case 'median': {
      const centre = median(values);
      return found(within(centre, expectation), centre, null, `Median of ${plural(values.length)}; ${spread(values)}.`);
    }
    case 'largest': {
      const top = Math.max(...values);
      return found(within(top, expectation), top, null, `Largest of ${plural(values.length)}; ${spread(values)}.`);
    }
    default:
      throw new Error(`rule ${rule} judges an estimate, not cells`);
  }
}

/** All must hold: one contradiction contradicts, then what is missing or too imprecise decides. */
export function combineVerdicts(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['not-reproduced', 'not-run', 'inconclusive'] as const)
    if (verdicts.includes(verdict)) return verdict;
  return 'reproduced';
}

function within(value: number, { low, high, above, below }: Expectation): boolean {
  return (
    (low === undefined || value >= low) &&
    (high === undefined || value <= high) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  );
}

function needed(expectation: Expectation, name: keyof Expectation): number {
  const number = expectation[name];
  if (number === undefined) throw new Error(`the expectation lacks ${name}`);
  return number;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
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
