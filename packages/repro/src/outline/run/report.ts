/** Writes the report of a pipeline that is one file: the code of the stage `report`. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Static } from '@sinclair/typebox';
import type { ClaimResult } from '../../claims/claim.ts';
import { countVerdicts, nearLimitNote, verdictTable } from '../../claims/markdown.ts';
import { escapeMarkdown } from '../../claims/markdown-text.ts';
import { writeJson } from '../../runtime.ts';
import type { ReportRun } from '../report.ts';

/** What a rule asks for names the quantity as somebody wrote it. */
function escaped(result: Static<typeof ClaimResult>): Static<typeof ClaimResult> {
  return { ...result, parts: result.parts.map((part) => ({ ...part, expected: escapeMarkdown(part.expected) })) };
}

export const run: ReportRun = async ({ params, inputs, outputs }) => {
  const { title, text, decides, figures } = params;
  const results = inputs.claims.map(({ path }) => JSON.parse(readFileSync(path, 'utf8')) as Static<typeof ClaimResult>);
  const parts = [`# ${escapeMarkdown(title)}`];
  if (text) parts.push(text.trim());
  if (results.length > 0) {
    const open = results.some(({ id }) => !decides.includes(id));
    parts.push('## Claims', `${countVerdicts(results)}.`, verdictTable(results.map(escaped), { decides }));
    if (open) parts.push('° not required by the gate.');
    if (results.some((result) => result.parts.some(({ nearLimit }) => nearLimit))) parts.push(nearLimitNote);
  }
  if (figures.length > 0) parts.push('## Figures');
  for (const [i, figure] of figures.entries()) {
    parts.push(`### ${escapeMarkdown(figure.title)}`);
    const image = (inputs as Readonly<Record<string, unknown>>)[`figure-${i}`];
    parts.push(
      image
        ? `![${escapeMarkdown(figure.title)}](${encodeURI(figure.path)})`
        : 'Not drawn: what it is made of was not run here.',
    );
    if (figure.caption) parts.push(escapeMarkdown(figure.caption));
  }
  writeFileSync(outputs.report.path, `${parts.join('\n\n')}\n`);
  writeJson(outputs.claims, results);
};
