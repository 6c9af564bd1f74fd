/** Verdicts and measured values in words. */
import type { Verdict } from 'repro';
import { formatPercent, formatWithUncertainty } from '../format.ts';
import type { RuleName } from './names.ts';

export const verdictWords: Readonly<Record<Verdict, string>> = {
  reproduced: 'reproduced',
  'not-reproduced': 'not reproduced',
  inconclusive: 'inconclusive',
  'not-run': 'not run',
};

/** What a rule compared: `95%`, `1.013 ± 0.021`; empty where nothing was measured. */
export function measuredText(rule: RuleName, measured: number | null, uncertainty: number | null): string {
  if (measured === null) return '';
  return rule === 'share' ? formatPercent(measured) : formatWithUncertainty(measured, uncertainty);
}
