/** What does not hold, and why. */
import {
  acknowledgementsOf,
  formatNumber,
  isLeftOpen,
  isPartOpen,
  openWords,
  verdictMarks,
  verdictWords,
} from 'repro/claims';
import type { ClaimResult, PartResult } from 'repro/claims';
import { cellCount } from '../claims/quantities/sources.ts';
import type { ReportContent } from '../report-content.ts';

export function contradictionsSection({ set, claims, results, decides }: ReportContent): string[] {
  const known = acknowledgementsOf(claims, set);
  const shown = results.filter(({ id, verdict }) => verdict !== 'reproduced' && (decides.includes(id) || known[id]));
  const undecided = notDecided(
    results.filter((result) => result.verdict === 'not-reproduced' && !shown.includes(result)),
  );
  if (!shown.length) return ['## What does not hold', 'Every claim that this set decides is reproduced.', ...undecided];
  const open = shown.filter(isLeftOpen);
  return [
    open.length === shown.length ? '## What is not finished' : '## What does not hold, and why',
    ...(open.length > 0 ? [notFinished(open)] : []),
    ...shown
      .filter((result) => !open.includes(result))
      .map((result) => {
        const parts = result.parts.filter(({ verdict }) => verdict !== 'reproduced');
        const sentences = parts.map((part) => oneResult(result, part, known[result.id]?.[part.id]?.reason));
        return `${verdictMarks[result.verdict]} [\`${result.id}\`](#claim-${result.id}): ${verdictWords[result.verdict]}${decides.includes(result.id) ? '' : ' ([not decided](#what-this-set-can-decide) at this scale)'}. ${result.sentence} ${sentences.join(' ')}`;
      }),
    ...undecided,
  ];
}

/** What is contradicted at a scale at which it cannot be told from luck, or from a smaller scale's own law. */
function notDecided(results: readonly ClaimResult[]): string[] {
  if (!results.length) return [];
  const told = results.map(({ id, parts, alternatives }) => {
    const measured = parts
      .filter(({ verdict }) => verdict === 'not-reproduced')
      .map(
        ({ id: part, expected, measuredText }) =>
          `${parts.length > 1 ? `${part}) ` : ''}expected ${expected}, measured ${measuredText}`,
      );
    const published = alternatives['published'];
    const theirs =
      published && published.verdict !== 'not-run'
        ? `; the authors’ own points: ${verdictWords[published.verdict]}`
        : '';
    return `- [\`${id}\`](#claim-${id}): ${measured.join('; ')}${theirs}`;
  });
  return [
    'Also not reproduced here, of claims that this set is too small or too noisy to decide ([why](#what-this-set-can-decide)), so that it says nothing against the paper:',
    told.join('\n'),
  ];
}

function notFinished(results: readonly ClaimResult[]): string {
  const links = results.map(({ id }) => `[\`${id}\`](#claim-${id})`);
  return `No verdict yet, because the run is not finished: ${links.join(', ')}.`;
}

function oneResult(
  { verdict, parts, alternatives }: ClaimResult,
  part: PartResult,
  reason: string | undefined,
): string {
  const letter = parts.length > 1 ? `${part.id}) ` : '';
  const found = part.measuredText
    ? `expected ${part.expected}, measured ${part.measuredText} over ${cellCount(part.cells.used)}${openWords(part, verdict)}.`
    : part.detail;
  const published = alternatives['published']?.parts.find(({ id }) => id === part.id);
  const theirs =
    published && published.measured !== null
      ? ` The authors’ own points: ${published.measuredText || formatNumber(published.measured)}, ${verdictWords[published.verdict]} by the same rule.`
      : '';
  const why = reason ?? (isPartOpen(part) ? '' : 'No reason is known yet.');
  return `*${letter}${found}*${theirs} ${why}`.trimEnd();
}
