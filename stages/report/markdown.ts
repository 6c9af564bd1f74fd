/** The report as Markdown. Pure: no time, host or version; the engine appends the provenance. */
import type { ClaimResult, ValueOf } from '../../engine/index.ts';
import type { FigureCaption } from '../artifacts.ts';
import type { ClaimDefinition } from './claims/definition.ts';
import { figureSections } from './figure-sections.ts';
import { formatWithUncertainty } from './format.ts';
import { deviations, readingNotes } from './notes.ts';

export interface ReportContent {
  readonly set: string;
  readonly title: string;
  readonly description: string;
  readonly claims: readonly ClaimDefinition[];
  readonly results: readonly ClaimResult[];
  readonly decides: readonly string[];
  readonly captions: readonly ValueOf<typeof FigureCaption>[];
}

const words = {
  reproduced: 'reproduced',
  'not-reproduced': 'not reproduced',
  inconclusive: 'inconclusive',
  'not-run': 'not run',
} as const;

export function renderReport(content: ReportContent): string {
  const { set, title, description, results, decides, captions } = content;
  const must = new Set(decides);
  const decided = results.filter(({ id, verdict }) => verdict !== 'not-run' || must.has(id));
  const outside = results.filter((result) => !decided.includes(result));
  const findings = acknowledgedFindings(content);
  const sections = [
    `# ${title}`,
    summaryLine(results),
    description,
    ...(decided.length ? ['## Claims', claimsTable(decided, must, findings)] : []),
    ...(findings.length ? [findingsList(findings)] : []),
    ...(decided.length ? ['### How each was measured', measuredList(decided)] : []),
    ...figures(captions),
    ...(outside.length ? ["## Claims outside this set's scale", `The set \`${set}\` has nothing to judge these by.`, outsideTable(outside)] : []),
    "## Where the paper's text and its authors' scripts differ",
    list(deviations),
    '## How to read the verdicts',
    list(readingNotes),
  ];
  return sections.join('\n\n') + '\n';
}

function summaryLine(results: readonly ClaimResult[]): string {
  const counts = (Object.keys(words) as (keyof typeof words)[]).map(
    (verdict) => `${results.filter((result) => result.verdict === verdict).length} ${words[verdict]}`,
  );
  return `**${results.length} claims: ${counts.join(', ')}.**`;
}

interface Finding {
  readonly id: string;
  readonly mark: string;
  readonly reason: string;
  /** Whether the verdict is still the one that was acknowledged. */
  readonly holds: boolean;
  readonly acknowledged: string;
}

/** Claims whose verdict is not *reproduced* and known, numbered in order. */
function acknowledgedFindings({ set, claims, results }: ReportContent): Finding[] {
  const verdicts = new Map(results.map(({ id, verdict }) => [id, verdict]));
  return claims
    .filter(({ acknowledged }) => acknowledged?.[set])
    .map(({ id, acknowledged }, i) => {
      const { verdict, reason } = acknowledged![set]!;
      return { id, mark: `[${i + 1}]`, reason, holds: verdicts.get(id) === verdict, acknowledged: words[verdict] };
    });
}

function claimsTable(results: readonly ClaimResult[], must: ReadonlySet<string>, findings: readonly Finding[]): string {
  const rows = results.map(({ id, sentence, source, expected, measured, uncertainty, verdict }) => {
    const mark = findings.find((finding) => finding.id === id)?.mark;
    const found = measured === null ? '–' : formatWithUncertainty(measured, uncertainty);
    const judged = verdict === 'reproduced' ? words[verdict] : `**${words[verdict]}**`;
    return [`\`${id}\`${must.has(id) ? '' : ' °'}`, sentence, source, expected, found, mark ? `${judged} ${mark}` : judged];
  });
  const note = results.some(({ id }) => !must.has(id)) ? '\n\n° Judged, but not among the claims that this set must decide.' : '';
  return table(['Claim', 'What is claimed', 'Where', 'Expected', 'Measured', 'Verdict'], rows) + note;
}

function findingsList(findings: readonly Finding[]): string {
  return findings
    .map(({ mark, id, reason, holds, acknowledged }) =>
      `${mark} \`${id}\`: ${reason}${holds ? '' : ` **This was acknowledged as ${acknowledged}; the verdict has changed.**`}`,
    )
    .join('\n\n');
}

function measuredList(results: readonly ClaimResult[]): string {
  return list(results.map(({ id, detail }) => `\`${id}\`: ${detail}`));
}

function outsideTable(results: readonly ClaimResult[]): string {
  return table(['Claim', 'What is claimed', 'Where', 'Why it was not run'], results.map(({ id, sentence, source, detail }) => [`\`${id}\``, sentence, source, detail]));
}

function figures(captions: ReportContent['captions']): string[] {
  const byFigure = new Map(captions.map((caption) => [caption.figure, caption]));
  const drawn = figureSections
    .map(({ heading, figures }) => ({ heading, shown: figures.filter((figure) => byFigure.has(figure)) }))
    .filter(({ shown }) => shown.length);
  const placed = new Set(figureSections.flatMap(({ figures }) => figures));
  const others = [...byFigure.keys()].filter((figure) => !placed.has(figure)).sort();
  if (others.length) drawn.push({ heading: 'Further figures', shown: others });
  if (!drawn.length) return [];
  return [
    '## Figures',
    ...drawn.flatMap(({ heading, shown }) => [
      `### ${heading}`,
      ...shown.flatMap((figure) => {
        const { title, caption } = byFigure.get(figure)!;
        return [`![Figure ${figure}: ${title}](figures/${figure}.svg)`, `**Figure ${figure}. ${title}.** ${caption}`];
      }),
    ]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
