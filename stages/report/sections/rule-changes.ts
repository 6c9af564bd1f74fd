/** The deviations log: rules that were changed after results were seen, from the history that claims.json keeps. */
import { describePart, markdownTable, partId, verdictWords } from 'repro/claims';
import type { Claim } from 'repro/claims';
import { vocabulary } from '../claims/vocabulary.ts';

export function ruleChanges(claims: readonly Claim[]): string[] {
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
      ];
    }),
  );
  if (!rows.length) return [];
  return [
    '## Rules changed after results were seen',
    'The rules are frozen before results ([protocol](../../docs/protocol.md)). These were found unsound and changed, each for the reason given and none to turn a verdict.',
    markdownTable(['Claim', 'Rule before', 'Rule now', 'Reason', 'Verdict before'], rows),
  ];
}
