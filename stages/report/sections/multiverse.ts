/** How the verdicts would be had other choices been made: all combinations of them. */
import { markdownTable, verdictMarks } from 'repro/claims';
import type { ReportContent } from '../report-content.ts';

export function multiverseSection({ results, multiverse }: ReportContent): string[] {
  const { worlds, verdicts, movedBy } = multiverse;
  const judged = results.filter(({ id }) => verdicts[id] && verdicts[id]['not-run'] < worlds);
  if (!judged.length) return [];
  const same = judged.filter(({ id, verdict }) => verdicts[id]![verdict] === worlds);
  return [
    '## How much rests on choices',
    `Each claim is judged in ${worlds} worlds: all combinations of the points that lines go through (all, without the smallest m, without the largest), the text’s readings or the scripts’ (final loss and Eq. 4), the constants of the rule (half, as they are, twice), and the seeds (their mean or each of them, where cells have several). Nothing is trained for it. ${same.length} of ${judged.length} claims have one verdict in all worlds.`,
    '![Share of worlds with each verdict, claim by claim](figures/worlds.svg)',
    markdownTable(
      ['Claim', '✓', '✗', '?', 'Moved by one choice alone'],
      judged
        .filter(({ id, verdict }) => verdicts[id]![verdict] < worlds)
        .map(({ id, verdict }) => {
          const counts = verdicts[id]!;
          const moved = movedBy[id]!;
          return [
            `${verdictMarks[verdict]} [\`${id}\`](#claim-${id})`,
            ...(['reproduced', 'not-reproduced', 'inconclusive'] as const).map((one) => String(counts[one])),
            moved.length ? moved.join(', ') : 'none: only by several together',
          ];
        }),
    ),
  ];
}
