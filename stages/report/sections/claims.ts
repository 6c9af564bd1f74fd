/** The claims by theme: the verdict first, then what is claimed, expected and measured. */
import { countVerdicts, formatPercent, markdownList, nearLimitNote, verdictMarks, verdictTable } from 'repro/claims';
import type { ClaimResult, Verdict } from 'repro/claims';
import type { ReportContent } from '../report-content.ts';
import { themes } from '../claims/vocabulary.ts';
import { figureAnchor } from './figures.ts';
import { isJudgedByRuleAlone } from './power.ts';

const alternatives = [
  { name: 'published', heading: 'Authors’ own points' },
  { name: 'zero-biases', heading: 'Zero initial biases' },
];

const columns = [{ heading: 'Worlds', text: ({ worlds }: ClaimResult): string => worldsText(worlds) }];

/** "✓ 67% ✗ 33%": how often each verdict comes, where a claim was judged in all worlds. */
function worldsText(worlds: ClaimResult['worlds']): string {
  const all = Object.values(worlds ?? {}).reduce((sum, count) => sum + count, 0);
  const shares = Object.entries(worlds ?? {}).filter(([verdict, count]) => count > 0 && verdict !== 'not-run');
  if (!shares.length) return '–';
  return shares
    .map(
      ([verdict, count]) =>
        `${verdictMarks[verdict as Verdict]} ${formatPercent(Math.round((100 * count) / all) / 100)}`,
    )
    .join(' ');
}

export function claimsSection({ results, decides, captions, power }: ReportContent): string[] {
  const isByRuleAlone = (result: ClaimResult): boolean =>
    power !== undefined && isJudgedByRuleAlone(result, decides, power.claims);
  const mark = (result: ClaimResult): string => (isByRuleAlone(result) ? ' ‡' : '');
  const drawn = new Set(captions.map(({ figure }) => figure));
  const links = ({ source }: ClaimResult): string =>
    figuresOf(source)
      .filter((figure) => drawn.has(figure))
      .map((figure) => `[${figure}](#${figureAnchor(figure)})`)
      .join(' ');
  const byTheme = themes.flatMap((theme) => {
    const shown = results.filter((result) => result.theme === theme);
    return shown.length ? [`### ${theme}`, verdictTable(shown, { decides, alternatives, columns, mark, links })] : [];
  });
  return [
    '## Claims',
    introduction(results),
    ...byTheme,
    '° This set does not decide the claim: its verdict is told, and does not count ([why](#what-this-set-can-decide)).',
    ...(results.some(isByRuleAlone)
      ? [
          '‡ Judged by its rule alone: how often another seed would give this verdict again is not known ([why](#what-this-set-can-decide)).',
        ]
      : []),
    ...(results.some(({ parts }) => parts.some(({ nearLimit }) => nearLimit)) ? [nearLimitNote] : []),
    folded('How each was measured', measured(results)),
  ];
}

/** `5a` and `10b` of "Fig. 5a, 10b, Eq. 4". */
export function figuresOf(source: string): string[] {
  const [, list] = /^Fig\. ((?:\d+[a-d]?(?:, )?)+)/.exec(source) ?? [];
  return list?.split(', ').filter(Boolean) ?? [];
}

function introduction(results: readonly ClaimResult[]): string {
  const of = (by: string): string => countVerdicts(results.filter((result) => result.by === by));
  return (
    `Of the paper’s own claims: ${of('paper')}. Of those that commentators make of it: ${of('commentary')}. ` +
    'A claim is reproduced only if every part of it is. *Cells* are those that the rule compared, of the cells that the paper’s design has for it. ' +
    'The columns to the right apply the same rule to other numbers, with the count of their cells: to the points that the authors published, which is arithmetic on their measurement and never counts as reproduced, ' +
    'and to the same models with all biases zero before training. *Worlds*: how often each verdict comes when [other choices](#how-much-rests-on-choices) are made.'
  );
}

function measured(results: readonly ClaimResult[]): string {
  return markdownList(
    results.flatMap(({ id, parts }) =>
      parts.map((part) => {
        const name = parts.length > 1 ? `\`${id}\` ${part.id})` : `\`${id}\``;
        const seeds = part.seeds
          ? ` Seeds: ${part.seeds.least === part.seeds.most ? part.seeds.least : `${part.seeds.least} to ${part.seeds.most}`}.`
          : '';
        return `${name}: ${part.detail}${seeds}`;
      }),
    ),
  );
}

/** Detail that only some readers want, at hand where it belongs. */
function folded(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}
