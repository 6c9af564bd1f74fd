/** The deviations log: rules that were changed after results were seen, from the history that claims.json keeps. */
import { describePart, markdownTable, partId, verdictWords } from 'repro/claims';
import { vocabulary } from '../claims/vocabulary.ts';
import type { ReportContent } from '../report-content.ts';

/** Changes of a rule itself, and so of every claim that it judges. Verdicts before are those of commit 10dca93. */
const changedRules = [
  {
    rule: 'agree',
    before: 'x agrees with e if |x − e| ≤ 2 √(s² + sₑ²); inconclusive if s > 2 sₑ.',
    now: 'the same; inconclusive if s > sₑ',
    reason: 'With s up to 2 sₑ it passed deviations of up to 4.5 sₑ, now of up to 2.8 sₑ. The rule was made stricter.',
    verdictsBefore:
      'quick: `large-strong-exponents` inconclusive (a reproduced, b reproduced, c inconclusive), the sizes reproduced; paper-cpu: the sizes reproduced; all others not run',
  },
] as const;

export function ruleChanges({ set, claims, results }: Pick<ReportContent, 'set' | 'claims' | 'results'>): string[] {
  const nowOf = (id: string, part?: string): string => {
    const found = results.find((result) => result.id === id);
    const verdict = part === undefined ? found?.verdict : found?.parts.find((each) => each.id === part)?.verdict;
    return verdict ? verdictWords[verdict] : '–';
  };
  const rows = claims.flatMap(({ id, parts, changes = [] }) =>
    changes.map(({ part, before, reason, verdictBefore }) => {
      const now = parts.find((_, i) => partId(i) === part)!;
      const label = vocabulary.quantities.find((quantity) => quantity.id === now.quantity)!.label;
      const verdicts = Object.entries(verdictBefore).map(([set, verdict]) => `${set}: ${verdictWords[verdict]}`);
      return [
        parts.length > 1 ? `\`${id}\` ${part})` : `\`${id}\``,
        before,
        describePart(now, label, vocabulary.coordinates),
        reason,
        verdicts.join(', '),
        `${set}: ${nowOf(id, part)}`,
      ];
    }),
  );
  for (const { rule, before, now, reason, verdictsBefore } of changedRules) {
    const judged = claims.filter(({ parts }) => parts.some((part) => part.rule === rule));
    if (!judged.length) continue;
    const verdicts = judged.map(({ id }) => `\`${id}\` ${nowOf(id)}`);
    const ids = judged.map(({ id }) => `\`${id}\``).join(', ');
    rows.push([ids, before, now, reason, verdictsBefore, `${set}: ${verdicts.join(', ')}`]);
  }
  if (!rows.length) return [];
  return [
    '## Rules changed after results were seen',
    'The rules are frozen before results ([protocol](../../docs/protocol.md)). These were found unsound and changed, each for the reason given and none to turn a verdict. The verdict before is of the set that is named, the verdict now of this one.',
    markdownTable(['Claim', 'Rule before', 'Rule now', 'Reason', 'Verdict before', 'Verdict now'], rows),
  ];
}
