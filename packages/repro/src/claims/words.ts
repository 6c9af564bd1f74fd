/** Verdicts and measured values in words. */
import type { Verdict } from './claim.ts';
import { formatPercent, formatWithUncertainty } from './numbers.ts';
import type { RuleName } from './rules.ts';

export const verdictWords: Readonly<Record<Verdict, string>> = {
  reproduced: 'reproduced',
  'not-reproduced': 'not reproduced',
  inconclusive: 'inconclusive',
  'not-run': 'not run',
};

/** One mark a verdict: a strip of them shows all claims at a glance. */
export const verdictMarks: Readonly<Record<Verdict, string>> = {
  reproduced: '✓',
  'not-reproduced': '✗',
  inconclusive: '?',
  'not-run': '–',
};

/** What a rule compared: `95%`, `1.013 ± 0.021`; empty where nothing was measured. */
export function measuredText(rule: RuleName, measured: number | null, uncertainty: number | null): string {
  if (measured === null) return '';
  return rule === 'share' || rule === 'share-interval' || rule === 'equivalent'
    ? formatPercent(measured)
    : formatWithUncertainty(measured, uncertainty);
}
