/** The report as Markdown. Pure: no time, host or version; the engine appends the provenance. */
import type { ClaimResult, FigureCaption, ValueOf, Verdict } from 'repro';
import type { VariantComparison } from '../toy/artifacts.ts';
import type { Observation } from './beyond/left-out.ts';
import type { Finding } from './beyond/finding.ts';
import type { ClaimDefinition } from './claims/definition.ts';
import { partLetter } from './claims/judge-claims.ts';
import type { JudgedClaim } from './claims/judge-claims.ts';
import { verdictWords as words } from './claims/words.ts';
import { sections as figureSections } from '../figures/sections.ts';
import { deviations, readingNotes } from './notes.ts';
import { variantsHead, variantsNotes, variantsRows } from './variants-table.ts';

export interface ReportContent {
  readonly set: string;
  readonly title: string;
  readonly description: string;
  readonly claims: readonly ClaimDefinition[];
  readonly judged: readonly JudgedClaim[];
  readonly decides: readonly string[];
  readonly reducedScale?: string;
  readonly captions: readonly ValueOf<typeof FigureCaption>[];
  readonly variants: readonly ValueOf<typeof VariantComparison>[];
  readonly beyond: readonly Finding[];
  readonly observed: readonly Observation[];
}

export function renderReport(content: ReportContent): string {
  const { title, description, judged, decides, captions, variants, beyond, observed } = content;
  const must = new Set(decides);
  const decided = judged.filter(({ result }) => result.verdict !== 'not-run' || must.has(result.id));
  const outside = judged.filter((claim) => !decided.includes(claim));
  const findings = acknowledgedFindings(content);
  const sections = [
    `# ${title}`,
    summaryLine(judged),
    description + tablesNote,
    ...(decided.length ? ['## Claims', claimsTable(decided, must, findings)] : []),
    ...(findings.length ? [findingsList(findings)] : []),
    ...(decided.length ? [folded('How each was measured', measuredList(decided.map(({ result }) => result)))] : []),
    ...figures(captions),
    ...(beyond.length ? ['## Beyond the claims', beyondIntroduction, beyondTable(beyond)] : []),
    ...(observed.length ? ['## Which features are left out', observedIntroduction, observedTable(observed)] : []),
    ...outsideSection(content, outside),
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

function summaryLine(judged: readonly JudgedClaim[]): string {
  const counts = (Object.keys(words) as Verdict[]).map((verdict) => {
    const count = judged.filter(({ result }) => result.verdict === verdict).length;
    const forScale = verdict === 'not-run' ? judged.filter(({ reducedScale }) => reducedScale !== undefined).length : 0;
    return `${count} ${words[verdict]}${forScale ? `, of these ${forScale} for want of scale` : ''}`;
  });
  return `**${judged.length} claims: ${counts.join(', ')}.**`;
}

interface Known {
  readonly id: string;
  readonly mark: string;
  readonly reason: string;
  /** Whether the verdict is still the one that was acknowledged. */
  readonly holds: boolean;
  readonly acknowledged: string;
}

/** Claims whose verdict is not *reproduced* and known, numbered in order. */
function acknowledgedFindings({ set, claims, judged }: ReportContent): Known[] {
  const verdicts = new Map(judged.map(({ result: { id, verdict } }) => [id, verdict]));
  return claims
    .filter(({ id, acknowledged }) => acknowledged?.[set] && verdicts.get(id) !== 'not-run')
    .map(({ id, acknowledged }, i) => {
      const { verdict, reason } = acknowledged![set]!;
      return { id, mark: `[${i + 1}]`, reason, holds: verdicts.get(id) === verdict, acknowledged: words[verdict] };
    });
}

function claimsTable(judged: readonly JudgedClaim[], must: ReadonlySet<string>, findings: readonly Known[]): string {
  const rows = judged.map(({ result: { id, sentence, source, verdict }, parts }) => {
    const mark = findings.find((finding) => finding.id === id)?.mark;
    const word = verdict === 'reproduced' ? words[verdict] : `**${words[verdict]}**`;
    const measured = parts.map((part) => {
      const text = part.measured || '–';
      return part.verdict === 'reproduced' || !part.measured ? text : `**${text}**`;
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
  const note = judged.some(({ result }) => !must.has(result.id))
    ? '\n\n° Judged, but not among the claims that this set must decide.'
    : '';
  return table(['Claim', 'What is claimed', 'Where', 'Expected', 'Measured', 'Verdict'], rows) + note;
}

/** The parts of a claim in one cell; lettered, since their lines do not stand level in two columns. */
function lettered(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : parts.map((part, i) => `${partLetter(i)}) ${part}`).join('<br>');
}

function findingsList(findings: readonly Known[]): string {
  return findings
    .map(
      ({ mark, id, reason, holds, acknowledged }) =>
        `${mark} \`${id}\`: ${reason}${holds ? '' : ` **This was acknowledged as ${acknowledged}; the verdict has changed.**`}`,
    )
    .join('\n\n');
}

function measuredList(results: readonly ClaimResult[]): string {
  return list(results.map(({ id, detail }) => `\`${id}\`: ${detail}`));
}

const tablesNote =
  ' What was measured on every model is in [`models.csv`](models.csv), every fitted exponent in [`exponents.csv`](exponents.csv); [`datapackage.json`](datapackage.json) describes every column.';

const beyondIntroduction =
  'What the authors’ published figures show besides, read off their vector graphics (`params/published/figures.json`), and whether it is so in this run. ' +
  'The published numbers are for the paper’s scale; no parameter was chosen to meet them.';

function beyondTable(findings: readonly Finding[]): string {
  return table(
    ['What the figure shows', 'Where', 'Published', 'Here', 'Here too?'],
    findings.map(({ finding, where, published, here, holds }) => [
      finding,
      where,
      published,
      here,
      holds ? 'yes' : '**no**',
    ]),
  );
}

const observedIntroduction =
  'Features that a model leaves out make most of its loss: under weak superposition those not represented (Eq. 4), under strong superposition the weakly represented ones. ' +
  'The paper takes the rarest to be left out (Eq. 4, Fig. 6a). Here they are also looked at as units of a network: a feature is *dead* if its own largest activation leaves its output at zero, bᵢ + 2‖Wᵢ‖² ≤ 0, ' +
  'and what may have made it so is its frequency or the bias drawn before training, each with the probability that it tells a dead feature from another; 1/2 is chance. Medians over the models of the small sweep.';

function observedTable(observed: readonly Observation[]): string {
  return table(
    ['What is measured', 'Here'],
    observed.map(({ question, measured }) => [question, measured]),
  );
}

/** Claims without a verdict of this set: first those that a smaller set speaks on, then those that need something else. */
function outsideSection({ set, reducedScale }: ReportContent, outside: readonly JudgedClaim[]): string[] {
  if (!outside.length) return [];
  const [scaled, others] = [
    outside.filter((claim) => claim.reducedScale !== undefined),
    outside.filter((claim) => claim.reducedScale === undefined),
  ];
  return [
    "## Claims outside this set's scale",
    ...(scaled.length
      ? [
          `The set \`${set}\` trains too few of the models that these are about: it has no verdict on them, and what it measured is of a part of the cells only. ` +
            `Beside it stands the verdict at the reduced scale of [\`${reducedScale}\`](../${reducedScale}/report.md).`,
          scaledTable(scaled),
        ]
      : []),
    ...(others.length
      ? [
          `${scaled.length ? 'These need something else' : `The set \`${set}\` has nothing to judge these by`}.`,
          outsideTable(others.map(({ result }) => result)),
        ]
      : []),
  ];
}

function scaledTable(judged: readonly JudgedClaim[]): string {
  return table(
    ['Claim', 'What is claimed', 'Where', 'Expected', 'Part of the cells', 'Verdict'],
    judged.map(({ result: { id, sentence, source }, parts, reducedScale }) => [
      `\`${id}\``,
      sentence,
      source,
      lettered(parts.map(({ expected }) => expected)),
      parts.some(({ measured }) => measured) ? lettered(parts.map(({ measured }) => measured || '–')) : '–',
      `not run: scale (${reducedScale!})`,
    ]),
  );
}

function outsideTable(results: readonly ClaimResult[]): string {
  return table(
    ['Claim', 'What is claimed', 'Where', 'Why it was not run'],
    results.map(({ id, sentence, source, detail }) => [
      `\`${id}\``,
      sentence,
      source,
      detail.replace(/^Out of this set's scale: n/, 'N'),
    ]),
  );
}

function figures(captions: ReportContent['captions']): string[] {
  const present = captions.map(({ section }) => section);
  const drawn = [...new Set([...figureSections, ...present])]
    .map((heading) => ({ heading, shown: captions.filter(({ section }) => section === heading) }))
    .filter(({ shown }) => shown.length);
  if (!drawn.length) return [];
  return [
    '## Figures',
    ...drawn.flatMap(({ heading, shown }) => [
      `### ${heading}`,
      ...shown.flatMap(({ figure, title, caption }) => {
        // The paper has no number for what goes beyond it.
        const number = /^\d/.test(figure) ? `Figure ${figure}` : undefined;
        return [
          `![${number ? `${number}: ` : ''}${title}](figures/${figure}.svg)`,
          `**${number ? `${number}. ` : ''}${title}.** ${caption}`,
        ];
      }),
    ]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
