/** Draws one figure: the code of the stage `figure`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { sheet } from '../../figures/marks.ts';
import { column, panel } from '../../figures/theme.ts';
import { renderPng, renderSvg } from '../../figures/render.ts';
import { specificationJson } from '../../figures/specification-json.ts';
import { writeJson } from '../../runtime.ts';
import type { StageRun } from '../../runtime.ts';
import { plainError } from '../../errors.ts';
import { csvRows } from '../../csv.ts';
import { specificationProblem } from '../specification.ts';
import type { drawFigure, Specification } from '../vega-lite.ts';

export const run: StageRun<typeof drawFigure> = async ({ params, inputs, outputs }) => {
  const { title, caption, columns } = params;
  const values: Record<string, unknown>[] = [];
  for (const { path } of inputs.tables) {
    if (path.endsWith('.parquet')) values.push(...(await (await import('../../parquet.ts')).parquetRows(path)));
    else values.push(...records(readFileSync(path, 'utf8'), columns));
  }
  const given = params.specification as Specification;
  // Rows whose columns no type declares are seen only here.
  const problem = values[0] && specificationProblem(given, Object.keys(values[0]));
  if (problem !== undefined) throw plainError(`the specification: ${problem}`);
  const isOnePanel = 'mark' in given || 'layer' in given;
  const size = isOnePanel ? { width: column - 70, height: panel.height } : {};
  // A title is broken to the width of its panel.
  const specification = sheet(title, '', { ...size, ...given, data: { values } }, !(isOnePanel && !('width' in given)));
  const { svg, warnings } = await renderSvg(specification, { title, description: caption || title }).catch(refused);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  writeFileSync(outputs.specification.path, specificationJson({ ...specification, description: caption || title }));
  writeFileSync(outputs.svg.path, svg);
  writeFileSync(outputs.png.path, await renderPng(svg));
  writeJson(outputs.caption, { figure: params.id, title, section: 'Figures', caption });
};

/** What Vega-Lite says of a specification that it does not take, without the whole of it. */
function refused(error: unknown): never {
  const { message } = error instanceof Error ? error : new Error(String(error));
  throw plainError(`the specification cannot be drawn: ${message.split(/[{\n]/)[0]!.trim().slice(0, 200)}`);
}

/** The rows of a table by column name; numbers where the type of the column, or else the cell, says so. */
function records(text: string, columns: Readonly<Record<string, string>>): Record<string, string | number | boolean>[] {
  const [head, ...rows] = [...csvRows(text)].map(({ cells }) => cells);
  return rows.map((cells) =>
    Object.fromEntries((head ?? []).map((name, i) => [name, valueOf(cells[i] ?? '', columns[name])])),
  );
}

function valueOf(cell: string, type: string | undefined): string | number | boolean {
  if (type === 'boolean') return cell === 'true';
  const isNumber =
    type === 'number' || type === 'integer' || (type === undefined && /^-?[\d.]+([eE][+-]?\d+)?$/.test(cell));
  return isNumber ? Number(cell) : cell;
}
