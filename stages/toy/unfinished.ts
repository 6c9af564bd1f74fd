/** What a run left out of the experiments that it shows, in words. */
import { formatPercent, ruleConstants } from 'repro/claims';
import type { FittedSweepContent } from './artifacts.ts';

/** "this run has 60 of the 1020 models of small, and none of the models of wide, density"; undefined where all are there. */
export function unfinishedText(
  sweeps: readonly Pick<FittedSweepContent, 'experiment' | 'models' | 'missing'>[],
): string | undefined {
  const lacking = sweeps.filter(({ missing = [] }) => missing.length > 0);
  if (lacking.length === 0) return undefined;
  const begun = lacking
    .filter(({ models }) => models.length > 0)
    .map(({ experiment, models, missing = [] }, i) =>
      [models.length, 'of the', models.length + missing.length, ...(i === 0 ? ['models of'] : ['of']), experiment].join(
        ' ',
      ),
    );
  const none = lacking.filter(({ models }) => models.length === 0).map(({ experiment }) => experiment);
  const parts = [begun.join(', '), none.length > 0 ? `none of the models of ${none.join(', ')}` : ''].filter(
    (part) => part !== '',
  );
  return `this run has ${parts.join(', and ')}`;
}

/** The same for the head of a report; empty where all are there. */
export function unfinishedNote(sweeps: readonly FittedSweepContent[]): string {
  const text = unfinishedText(sweeps);
  return text === undefined
    ? ''
    : `Not finished: ${text}. A rule counts only where at least ${formatPercent(ruleConstants.definedShare)} of its cells are there; figures show what there is.`;
}
