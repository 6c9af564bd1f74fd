/** What a run left out of the experiments that it shows, in words. */
import { formatPercent, ruleConstants } from 'repro/claims';
import type { FittedSweepContent } from './artifacts.ts';

/** "this run has 60 of the 1020 models of small"; undefined where all are there. */
export function unfinishedText(
  sweeps: readonly Pick<FittedSweepContent, 'experiment' | 'models' | 'missing'>[],
): string | undefined {
  const texts = sweeps.flatMap(({ experiment, models, missing = [] }) =>
    missing.length > 0 ? [`${models.length} of the ${models.length + missing.length} models of ${experiment}`] : [],
  );
  return texts.length > 0 ? `this run has ${texts.join(', ')}` : undefined;
}

/** The same for the head of a report; empty where all are there. */
export function unfinishedNote(sweeps: readonly FittedSweepContent[]): string {
  const text = unfinishedText(sweeps);
  return text === undefined
    ? ''
    : `Not finished: ${text}. A rule counts only where at least ${formatPercent(ruleConstants.definedShare)} of its cells are there; figures show what there is.`;
}
