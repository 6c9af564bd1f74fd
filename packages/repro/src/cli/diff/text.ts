import type { ClaimChange, ClaimsDiff } from '../../diff/compare-claims.ts';
import type { FilesDiff, ReportDiff, ReportFacts } from '../../diff/compare.ts';
import type { NodesDiff, StageDiff } from '../../diff/compare-nodes.ts';
import type { TableDiff } from '../../diff/compare-tables.ts';
import type { MemberChange } from '../../plan/reasons.ts';
import { terminalLine } from '../../escape.ts';
import { table } from '../print.ts';
import { plural } from '../../plural.ts';
import { cutMiddle } from '../../graph/shown-name.ts';
import type { Colours } from '../reporters/colours.ts';
import { wrapLine } from '../wrap.ts';

/** How many lines a section shows; the page and --json have all. */
const linesShown = 20;
const examplesShown = 6;

/** Two reports compared, for a terminal of this width. */
export function diffText(diff: ReportDiff, width: number, colours: Colours): string {
  const section = (title: string, summary: string, lines: readonly string[] = []): string =>
    [...heading(title, summary), ...lines].map((line) => `${line}\n`).join('') + '\n';
  const heading = (title: string, summary: string): string[] => {
    const [first, ...rest] = wrapped(`${title}: ${summary}`, width, '');
    return [`${colours.bold(first!.slice(0, title.length))}${first!.slice(title.length)}`, ...rest];
  };
  const layout: Layout = { width, colours };
  const { parameters, claims, tables, figures, files, nodes } = diff;
  return [
    facts(diff, layout),
    section(
      'Parameters',
      parameters === null ? 'not known: a report says none' : counted(parameters.length, 'differ', 'the same'),
      shortened((parameters ?? []).map((change) => parameterLine(change, layout))),
    ),
    claims ? section('Claims', claimsSummary(claims), claimLines(claims, layout)) : '',
    section('Figures', filesSummary(figures), listed('differ', figures, layout)),
    ...tables.map((each) => section(`Table ${each.path}`, tableSummary(each), tableLines(each, layout))),
    section('Other files', filesSummary(files), listed('differ', files, layout)),
    section('Nodes', nodesSummary(nodes), nodeLines(nodes, layout)),
  ].join('');
}

interface Layout {
  readonly width: number;
  readonly colours: Colours;
}

function facts({ before, after }: ReportDiff, { width, colours: { bold } }: Layout): string {
  const row = (name: string, { label, commit, finishedAt, nodes }: ReportFacts): string[] => [
    name,
    label,
    finishedAt?.slice(0, 10) ?? '',
    plural(nodes, 'node'),
    commit === null ? '' : `code ${commit}`,
  ];
  const text = table([row('before', before), row('after', after)])
    .split('\n')
    .map((line) => cut(line, width))
    .join('\n');
  return `${text.replace(/^(before|after)/gm, (name) => bold(name))}\n`;
}

function counted(count: number, what: string, none: string): string {
  return count === 0 ? none : `${count} ${what}`;
}

function shortened(lines: readonly string[], most = linesShown): string[] {
  if (lines.length <= most + 1) return [...lines];
  return [...lines.slice(0, most), `  and ${lines.length - most} more: --page or --json shows all`];
}

function parameterLine({ path, before, after }: MemberChange, layout: Layout): string {
  return change(path, shown(before), shown(after), layout);
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

/** `  name   before -> after`, in two lines or three where one is too short. */
function change(name: string, before: string, after: string, layout: Layout): string {
  return changes(name, [[before, after]], layout);
}

/** Several values of one name, below one another in one column. */
function changes(
  name: string,
  pairs: readonly (readonly [before: string, after: string])[],
  { width, colours }: Layout,
): string {
  const label = terminalLine(name);
  const values = pairs.map(([before, after]) => [terminalLine(before), terminalLine(after)] as const);
  const paint = (a: string, b: string): string => `${colours.red(a)} -> ${colours.green(b)}`;
  const column = Math.max(24, Math.floor(width / 2) - 8);
  const longest = Math.max(...values.map(([was, is]) => was.length + is.length));
  if (label.length <= column - 3 && column + longest + 4 <= width)
    return values.map(([was, is], i) => `  ${(i === 0 ? label : '').padEnd(column - 2)}${paint(was, is)}`).join('\n');
  // What tells rows apart is at both ends.
  const head = `  ${cutMiddle(label, width - 2)}`;
  if (longest + 10 <= width) return [head, ...values.map(([was, is]) => `      ${paint(was, is)}`)].join('\n');
  const cell = width - 9;
  return [
    head,
    ...values.map(([was, is]) => `      ${colours.red(cut(was, cell))}\n   -> ${colours.green(cut(is, cell))}`),
  ].join('\n');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}

/** Words in lines of the width, the first of which is indented. */
function wrapped(text: string, width: number, indent: string): string[] {
  return wrapLine(indent + terminalLine(text), width).map((line) => cut(line, width));
}

/** The first lines, of which the last says that there are more. */
function atMost(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most - 1), lines[most - 1]!.replace(/,?$/, ' …')];
}

function onlyWords(onlyBefore: number, onlyAfter: number): string {
  return (onlyBefore ? `, ${onlyBefore} only before` : '') + (onlyAfter ? `, ${onlyAfter} only after` : '');
}

function claimsSummary({ both, verdicts, values, onlyBefore, onlyAfter }: ClaimsDiff): string {
  const differ = verdicts.length + values.length === 0 ? 'all the same' : `${verdicts.length} with another verdict`;
  const measured = values.length ? `, ${values.length} with another value` : '';
  return `${plural(both, 'part')} in both: ${differ}${measured}${onlyWords(onlyBefore.length, onlyAfter.length)}`;
}

function claimLines({ verdicts, values, onlyBefore, onlyAfter }: ClaimsDiff, layout: Layout): string[] {
  const name = ({ claim, part }: ClaimChange): string => (part ? `${claim} (${part})` : claim);
  const words = (verdict: string): string => verdict.replaceAll('-', ' ');
  const value = (text: string): string => text || 'not measured';
  return [
    ...verdicts.map((each) =>
      changes(
        name(each),
        [
          [words(each.before.verdict), words(each.after.verdict)],
          ...(each.before.measured === each.after.measured
            ? []
            : [[value(each.before.measured), value(each.after.measured)] as const]),
        ],
        layout,
      ),
    ),
    ...shortened(
      values.map((each) => change(name(each), value(each.before.measured), value(each.after.measured), layout)),
    ),
    ...listed('', { changed: [], onlyBefore, onlyAfter }, layout),
  ];
}

function filesSummary({ same, changed, onlyBefore, onlyAfter }: FilesDiff): string {
  const both = same + changed.length;
  if (both + onlyBefore.length + onlyAfter.length === 0) return 'none';
  const differ = changed.length === 0 ? 'all the same' : `${changed.length} differ`;
  return `${both} in both: ${differ}${onlyWords(onlyBefore.length, onlyAfter.length)}`;
}

function listed(
  word: string,
  { changed, onlyBefore, onlyAfter }: Omit<FilesDiff, 'same'>,
  { width }: Layout,
): string[] {
  const line = (what: string, names: readonly string[]): string[] =>
    names.length ? wrapped(`${what}: ${names.map((name) => name.replace(/\.svg$/, '')).join(', ')}`, width, '  ') : [];
  return [...line(word, changed), ...line('only before', onlyBefore), ...line('only after', onlyAfter)];
}

function tableSummary({ both, onlyBefore, onlyAfter, columns, problem }: TableDiff): string {
  if (problem !== undefined) return `differs: ${problem}`;
  const differ = columns.length ? `${plural(columns.length, 'column')} with other values` : 'all the same';
  if (both === 0) return `no row in both${onlyWords(onlyBefore, onlyAfter)}`;
  return `${plural(both, 'row')} in both: ${differ}${onlyWords(onlyBefore, onlyAfter)}`;
}

function tableLines({ matchedBy, both, columns }: TableDiff, layout: Layout): string[] {
  const [first, ...others] = columns;
  if (!first) return [];
  const counts = others.map(({ column, changed }) => `${column} (${changed})`);
  return [
    ...wrapped(`rows are matched by ${matchedBy.join(', ')}`, layout.width, '  '),
    `  ${first.column} differs in ${first.changed} of ${plural(both, 'row')}${first.changed > examplesShown ? ', most in' : ''}`,
    ...first.examples.slice(0, examplesShown).map(({ row, before, after }) => change(row, before, after, layout)),
    ...(counts.length ? atMost(wrapped(`these differ too: ${counts.join(', ')}`, layout.width - 2, '  '), 6) : []),
  ];
}

function nodesSummary({ stages, contradictory }: NodesDiff): string {
  const sum = (count: (stage: StageDiff) => number): number => stages.reduce((all, each) => all + count(each), 0);
  const [same, other] = [sum((each) => each.same), sum((each) => each.sameBytes + each.changed)];
  const words = `${same} the same${other ? `, ${other} with another key` : ''}`;
  const alarm = contradictory.length ? `, ${contradictory.length} with the same key and other bytes` : '';
  return (
    words +
    alarm +
    onlyWords(
      sum((each) => each.onlyBefore),
      sum((each) => each.onlyAfter),
    )
  );
}

function nodeLines({ stages, contradictory }: NodesDiff, { width, colours }: Layout): string[] {
  const differing = stages.filter(
    ({ sameBytes, changed, onlyBefore, onlyAfter }) => sameBytes + changed + onlyBefore + onlyAfter > 0,
  );
  const why = differing.flatMap(({ stage, reasons }) => [
    ...reasons
      .slice(0, reasonsShown)
      .flatMap(({ kind, detail, nodes }) =>
        wrapped(`${stage}: ${kind}: ${detail} (${plural(nodes, 'node')})`, width, '  '),
      ),
    ...(reasons.length > reasonsShown
      ? [`  ${stage}: and ${plural(reasons.length - reasonsShown, 'more reason')}`]
      : []),
  ]);
  const unexplained = differing
    .filter((each) => each.unexplained > 0)
    .map((each) => `${each.stage} (${each.unexplained})`);
  const unknown = unexplained.length
    ? wrapped(`not known, because the store does not have both results: ${unexplained.join(', ')}`, width, '  ')
    : [];
  return [
    ...stageLines(differing, width),
    ...(why.length + unknown.length ? ['', colours.bold('Why keys differ'), ...why, ...unknown] : []),
    ...contradictory
      .slice(0, linesShown)
      .map((name) => `  ${colours.red('the same key and other bytes')}: ${terminalLine(name)}`),
  ];
}

const reasonsShown = 4;

const stageColumns = ['same', 'same bytes', 'other bytes', 'only before', 'only after'] as const;

/** A table, or where that is too wide a line for each stage. */
function stageLines(stages: readonly StageDiff[], width: number): string[] {
  const counts = stages.map((each): [string, number[]] => [
    each.stage,
    [each.same, each.sameBytes, each.changed, each.onlyBefore, each.onlyAfter],
  ]);
  const lines = table([['stage', ...stageColumns], ...counts.map(([stage, numbers]) => [stage, ...numbers])])
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
  if (stages.length === 0) return [];
  if (lines.every((line) => line.length <= width)) return lines;
  return counts.flatMap(([stage, numbers]) => {
    const words = numbers.flatMap((count, i) => (count > 0 ? [`${count} ${stageColumns[i]!}`] : []));
    return wrapped(`${stage}: ${words.join(', ')}`, width, '  ');
  });
}
