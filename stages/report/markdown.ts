/** The report as Markdown. Pure: no time, host or version; the engine appends the provenance. */
import type { ClaimResult, ValueOf } from '../../engine/index.ts';
import type { FigureCaption, VariantComparison } from '../artifacts.ts';
import type { ClaimDefinition } from './claims/definition.ts';
import type { JudgedClaim } from './claims/judge-claims.ts';
import { figureSections } from './figure-sections.ts';
import { deviations, readingNotes } from './notes.ts';
import { variantsHead, variantsNotes, variantsRows } from './variants-table.ts';

export interface ReportContent {
  readonly set: string;
  readonly title: string;
  readonly description: string;
  readonly claims: readonly ClaimDefinition[];
  readonly judged: readonly JudgedClaim[];
  readonly decides: readonly string[];
  readonly captions: readonly ValueOf<typeof FigureCaption>[];
  readonly variants: readonly ValueOf<typeof VariantComparison>[];
}

const words = {
  reproduced: 'reproduced',
  'not-reproduced': 'not reproduced',
  inconclusive: 'inconclusive',
  'not-run': 'not run',
} as const;

export function renderReport(content: ReportContent): string {
  const { set, title, description, judged, decides, captions, variants } = content;
  const must = new Set(decides);
  const decided = judged.filter(({ result }) => result.verdict !== 'not-run' || must.has(result.id));
  const outside = judged.filter((claim) => !decided.includes(claim)).map(({ result }) => result);
  const findings = acknowledgedFindings(content);
  const sections = [
    `# ${title}`,
    summaryLine(judged.map(({ result }) => result)),
    description,
    ...(decided.length ? ['## Claims', claimsTable(decided, must, findings)] : []),
    ...(findings.length ? [findingsList(findings)] : []),
    ...(decided.length ? [folded('How each was measured', measuredList(decided.map(({ result }) => result)))] : []),
    ...figures(captions),
    ...(outside.length ? ["## Claims outside this set's scale", `The set \`${set}\` has nothing to judge these by.`, outsideTable(outside)] : []),
    "## Where the paper's text and its authors' scripts differ",
    list(deviations),
    ...(variants.length ? [variantsNotes(variants), table(variantsHead, variantsRows(variants))] : []),
    '## How to read the verdicts',
    list(readingNotes),
  ];
  return sections.join('\n\n') + '\n';
}

/** Detail that only some readers want, at hand where it belongs. */
function folded(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
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
function acknowledgedFindings({ set, claims, judged }: ReportContent): Finding[] {
  const verdicts = new Map(judged.map(({ result: { id, verdict } }) => [id, verdict]));
  return claims
    .filter(({ id, acknowledged }) => acknowledged?.[set] && verdicts.get(id) !== 'not-run')
    .map(({ id, acknowledged }, i) => {
      const { verdict, reason } = acknowledged![set]!;
      return { id, mark: `[${i + 1}]`, reason, holds: verdicts.get(id) === verdict, acknowledged: words[verdict] };
    });
}

function claimsTable(judged: readonly JudgedClaim[], must: ReadonlySet<string>, findings: readonly Finding[]): string {
  const rows = judged.map(({ result: { id, sentence, source, verdict }, parts }) => {
    const mark = findings.find((finding) => finding.id === id)?.mark;
    const word = verdict === 'reproduced' ? words[verdict] : `**${words[verdict]}**`;
    const measured = parts.map((part) => {
      const text = part.measured || '–';
      return part.verdict === 'reproduced' ? text : `**${text}**`;
    });
    return [
      `\`${id}\`${must.has(id) ? '' : ' °'}`,
      sentence,
      source,
      lettered(parts.map(({ expected }) => expected)),
      lettered(measured),
      mark ? `${word} ${mark}` : word,
    ];
  });
  const note = judged.some(({ result }) => !must.has(result.id)) ? '\n\n° Judged, but not among the claims that this set must decide.' : '';
  return table(['Claim', 'What is claimed', 'Where', 'Expected', 'Measured', 'Verdict'], rows) + note;
}

/** The parts of a claim in one cell; lettered, since their lines do not stand level in two columns. */
function lettered(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : parts.map((part, i) => `${String.fromCharCode(97 + i)}) ${part}`).join('<br>');
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
  return table(['Claim', 'What is claimed', 'Where', 'Why it was not run'], results.map(({ id, sentence, source, detail }) => [`\`${id}\``, sentence, source, detail.replace(/^Out of this set's scale: n/, 'N')]));
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
        // The paper has no number for what goes beyond it.
        const number = /^\d/.test(figure) ? `Figure ${figure}` : undefined;
        return [`![${number ? `${number}: ` : ''}${title}](figures/${figure}.svg)`, `**${number ? `${number}. ` : ''}${title}.** ${caption}`];
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
