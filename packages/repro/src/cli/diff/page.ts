import type { ClaimChange } from '../../diff/compare-claims.ts';
import type { ReportDiff } from '../../diff/compare.ts';
import type { PublishedReport } from '../../diff/published-report.ts';
import { html } from '../../escape.ts';
import { plural } from '../../plural.ts';

/** Two reports compared, as one page that needs no other file: figures that differ are next to each other. */
export function diffPage(diff: ReportDiff, before: PublishedReport, after: PublishedReport): string {
  const { parameters, claims, tables, figures, files, nodes } = diff;
  const [was, is] = [html(before.label), html(after.label)];
  const head = `<th>${was}</th><th>${is}</th>`;
  const sections: [string, string[]][] = [
    [
      'Parameters',
      rows(
        head,
        (parameters ?? []).map(({ path, before: a, after: b }) => [path, json(a), json(b)]),
      ),
    ],
    [
      'Claims with another verdict',
      rows(
        head,
        (claims?.verdicts ?? []).map((each) => [claimName(each), finding(each.before), finding(each.after)]),
      ),
    ],
    [
      'Claims with the same verdict and another value',
      rows(
        head,
        (claims?.values ?? []).map((each) => [claimName(each), finding(each.before), finding(each.after)]),
      ),
    ],
    ['Claims in one report only', names(was, claims?.onlyBefore ?? [], is, claims?.onlyAfter ?? [])],
    [
      'Figures that differ',
      figures.changed.map((path) => pair(path, image(path, before, was), image(path, after, is))),
    ],
    ['Figures in one report only', names(was, figures.onlyBefore, is, figures.onlyAfter)],
    ...tables.map(({ path, matchedBy, both, columns, problem }): [string, string[]] => [
      `Table ${html(path)}`,
      [
        `<p>${problem === undefined ? `${both} rows are in both, matched by ${html(matchedBy.join(', '))}.` : html(problem)}</p>`,
        ...columns.flatMap(({ column, changed, examples }) => [
          `<h3>${html(column)}: ${changed} of ${both} rows differ</h3>`,
          ...rows(
            head,
            examples.map(({ row, before: a, after: b }) => [row, a, b]),
          ),
        ]),
      ],
    ]),
    ['Other files that differ', files.changed.length ? [`<p>${files.changed.map(html).join(', ')}</p>`] : []],
    ['Nodes', nodeRows(nodes)],
  ];
  const body = sections
    .filter(([, parts]) => parts.length > 0)
    .map(([title, parts]) => `<section><h2>${title}</h2>${parts.join('\n')}</section>`)
    .join('\n');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${was} and ${is}</title>
<style>${style}</style>
<h1>${was} and ${is}</h1>
<p>${[diff.before, diff.after].map(facts).join('<br>')}</p>
${body || '<p>They are the same.</p>'}
`;
}

const style = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin-bottom: 0; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid color-mix(in srgb, currentcolor 20%, transparent); overflow-wrap: anywhere; }
td:first-child { min-width: 14rem; }
td:nth-child(2), td:nth-child(3) { font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
figure > figcaption { grid-column: 1 / -1; font-weight: 600; } img { width: 100%; background: white; }
`;

function facts({ label, commit, finishedAt, nodes }: ReportDiff['before']): string {
  const made = [finishedAt?.slice(0, 10), commit === null ? undefined : `code ${commit}`, plural(nodes, 'node')];
  return html(`${label}: ${made.filter((each) => each !== undefined).join(', ')}`);
}

function json(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

function claimName({ claim, part }: ClaimChange): string {
  return part ? `${claim} (${part})` : claim;
}

function finding({ verdict, measured }: ClaimChange['before']): string {
  return `${verdict.replaceAll('-', ' ')}${measured ? `: ${measured}` : ''}`;
}

/** None, or a table with a row for each. */
function rows(head: string, all: readonly (readonly string[])[]): string[] {
  if (all.length === 0) return [];
  const lines = all.map((cells) => `<tr>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`);
  return [`<table><tr><th></th>${head}</tr>${lines.join('\n')}</table>`];
}

function names(was: string, onlyBefore: readonly string[], is: string, onlyAfter: readonly string[]): string[] {
  return [
    ...(onlyBefore.length ? [`<p>${was}: ${onlyBefore.map(html).join(', ')}</p>`] : []),
    ...(onlyAfter.length ? [`<p>${is}: ${onlyAfter.map(html).join(', ')}</p>`] : []),
  ];
}

function pair(path: string, before: string, after: string): string {
  return `<figure><figcaption>${html(path)}</figcaption>${before}${after}</figure>`;
}

/** As data, so that no script in an image runs. */
function image(path: string, { files }: PublishedReport, label: string): string {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const type = { svg: 'image/svg+xml', jpg: 'image/jpeg' }[extension] ?? `image/${extension}`;
  return `<div>${label}<br><img alt="${label}: ${html(path)}" src="data:${type};base64,${files.get(path)!.toString('base64')}"></div>`;
}

function nodeRows({ stages, contradictory }: ReportDiff['nodes']): string[] {
  const lines = stages.map(
    ({ stage, same, sameBytes, changed, onlyBefore, onlyAfter, reasons, unexplained }) =>
      `<tr><td>${html(stage)}</td>${[same, sameBytes, changed, onlyBefore, onlyAfter].map((count) => `<td>${count}</td>`).join('')}<td>${[
        ...reasons.map(({ kind, detail, nodes }) => html(`${kind}: ${detail} (${nodes})`)),
        ...(unexplained ? [`not known for ${unexplained}`] : []),
      ].join('<br>')}</td></tr>`,
  );
  const head = ['stage', 'same', 'same bytes', 'other bytes', 'only before', 'only after', 'why keys differ'];
  return [
    `<table><tr>${head.map((each) => `<th>${each}</th>`).join('')}</tr>${lines.join('\n')}</table>`,
    ...contradictory.map((name) => `<p><strong>The same key and other bytes:</strong> ${html(name)}</p>`),
  ];
}
