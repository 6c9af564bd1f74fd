/** Verdicts for readers, as Markdown. */
import type { Alternative, ClaimResult, PartResult, Verdict } from './claim.ts';
import { escapeMarkdown, markdownTable } from './markdown-text.ts';
import { verdictMarks, verdictWords } from './words.ts';

/** "18 reproduced, 11 not reproduced, 3 inconclusive, 4 not run". */
export function countVerdicts(results: readonly Pick<ClaimResult, 'verdict'>[]): string {
  return (Object.keys(verdictWords) as Verdict[])
    .map((verdict) => `${results.filter((result) => result.verdict === verdict).length} ${verdictWords[verdict]}`)
    .join(', ');
}

/** One mark a claim, in order, each linked to its row. */
export function verdictStrip(results: readonly ClaimResult[]): string {
  return results
    .map(
      ({ id, verdict }) =>
        `<a href="#claim-${id}" title="${id}: ${verdictWords[verdict]}">${verdictMarks[verdict]}</a>`,
    )
    .join(' ');
}

export interface TableOptions {
  /** Ids of the claims that the set decides. */
  readonly decides: readonly string[];
  /** Columns of other evidence: its name among the alternatives, and the heading. */
  readonly alternatives?: readonly { readonly name: string; readonly heading: string }[];
  /** Columns at the right end. */
  readonly columns?: readonly { readonly heading: string; readonly text: (result: ClaimResult) => string }[];
  /** A mark beside a verdict, such as ‡, which a note below the table explains. */
  readonly mark?: (result: ClaimResult) => string;
  /** Where a reader finds more: a link below the claim. */
  readonly links?: (result: ClaimResult) => string;
}

/** What † stands for beside a measured value of the table. */
export const nearLimitNote =
  '† The stated error of this value reaches across a limit; the rule compares the value alone.';

/** A row a claim: verdict first, then the claim, what is expected, what was measured and over how many cells. */
export function verdictTable(
  results: readonly ClaimResult[],
  { decides, alternatives = [], columns = [], mark = () => '', links }: TableOptions,
): string {
  const shown = alternatives.filter(({ name }) => results.some((result) => result.alternatives[name]));
  const rows = results.map((result) => {
    const { id, sentence, source, verdict, parts } = result;
    const word = verdict === 'reproduced' ? verdictWords[verdict] : `**${verdictWords[verdict]}**`;
    const link = links?.(result);
    return [
      `<a id="claim-${id}"></a>${verdictMarks[verdict]} ${word}${decides.includes(id) ? '' : ' °'}${mark(result)}`,
      `${escapeMarkdown(sentence)} (${escapeMarkdown(source)}; \`${id}\`)${link ? ` ${link}` : ''}`,
      lettered(parts, ({ expected }) => expected),
      lettered(parts, (part) => `${marked(part.measuredText, part.verdict)}${part.nearLimit ? ' †' : ''}`),
      lettered(parts, ({ cells }) => `${cells.used}/${cells.design}`),
      ...shown.map(({ name }) => alternativeCell(result.alternatives[name])),
      ...columns.map(({ text }) => text(result)),
    ];
  });
  const head = ['Verdict', 'What is claimed', 'Expected', 'Measured', 'Cells'];
  head.push(...[...shown, ...columns].map(({ heading }) => heading));
  return markdownTable(head, rows);
}

function alternativeCell(found: Alternative | undefined): string {
  if (!found) return '–';
  return lettered(found.parts, ({ measuredText, verdict, cells }) =>
    measuredText ? `${verdictMarks[verdict]} ${measuredText} (${cells.used})` : '–',
  );
}

function marked(text: string, verdict: PartResult['verdict']): string {
  if (!text) return '–';
  return verdict === 'reproduced' ? text : `**${text}** ${verdictMarks[verdict]}`;
}

/** The parts of a claim in one cell; lettered, since their lines need not be level in two columns. */
function lettered<P extends { readonly id: string }>(parts: readonly P[], text: (part: P) => string): string {
  return parts.length === 1 ? text(parts[0]!) : parts.map((part) => `${part.id}) ${text(part)}`).join('<br>');
}
