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
  const tables: Row[][] = [];
  for (const { path } of inputs.tables)
    tables.push(
      path.endsWith('.parquet')
        ? (await (await import('../../parquet.ts')).parquetRows(path)).map(finite)
        : records(readFileSync(path, 'utf8'), columns),
    );
  const values = tables.flat();
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

type Row = Record<string, string | number | boolean | null>;

/** Vega draws nothing for null. */
function finite(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isFinite(value) ? null : value,
    ]),
  );
}

/**
 * The rows of a table by column name; numbers where the type of the column, or else the cell, says so. In a column of
 * numbers a cell without a value is null: as empty text it would be drawn as 0.
 */
function records(text: string, columns: Readonly<Record<string, string>>): Row[] {
  const [head = [], ...rows] = [...csvRows(text)].map(({ cells }) => cells);
  const holdsNumbers = head.map((_, i) => {
    const given = rows.map((cells) => cells[i] ?? '').filter((cell) => !isMissing(cell));
    return given.length > 0 && given.every(isNumber);
  });
  return rows.map((cells) =>
    Object.fromEntries(
      head.map((name, i) => {
        const cell = cells[i] ?? '';
        return [name, holdsNumbers[i] && isMissing(cell) ? null : valueOf(cell, columns[name])];
      }),
    ),
  );
}

function isMissing(cell: string): boolean {
  return /^(|n\/?a|nan|null|none)$/i.test(cell);
}

/** Not what looks like one: 3.11.7, 2024.01.05. */
function isNumber(cell: string): boolean {
  return /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell) && Number.isFinite(Number(cell));
}

function valueOf(cell: string, type: string | undefined): string | number | boolean {
  if (type === 'boolean') return cell === 'true';
  return type === 'number' || type === 'integer' || (type === undefined && isNumber(cell)) ? Number(cell) : cell;
}
