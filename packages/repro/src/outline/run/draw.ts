/** Draws one figure: the code of the stage `figure`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { sheet } from '../../figures/marks.ts';
import { column, panel } from '../../figures/theme.ts';
import { renderPng, renderSvg } from '../../figures/render.ts';
import { specificationJson } from '../../figures/specification-json.ts';
import { writeJson } from '../../runtime.ts';
import type { StageRun } from '../../runtime.ts';
import { plainError } from '../../errors.ts';
import { isObject } from '../../is-object.ts';
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
        : records(readFileSync(path, 'utf8').replace(/^\ufeff/, ''), columns),
    );
  const values = tables.flat();
  const given = params.specification as Specification;
  // Rows whose columns no type declares are seen only here.
  const found = [...new Set(tables.flatMap((rows) => Object.keys(rows[0] ?? {})))];
  const problem = found.length > 0 ? specificationProblem(given, found) : undefined;
  if (problem !== undefined) throw plainError(`the specification: ${problem}`);
  const isOnePanel = 'mark' in given || 'layer' in given;
  const size = isOnePanel ? { width: column - 70, height: panel.height } : {};
  // A title is broken to the width of its panel.
  const themed = sheet(title, '', { ...size, ...given, data: { values } }, !(isOnePanel && !('width' in given)));
  const specification = { ...themed, config: merged(themed['config'], given['config']) };
  const { svg, warnings } = await renderSvg(specification, { title, description: caption || title }).catch(refused);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  const misleading = logarithmOfZero(warnings) ?? tooLarge(svg);
  if (misleading !== undefined) throw plainError(`the specification cannot be drawn: ${misleading}`);
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

/** Vega draws an axis without numbers then, and the points anywhere. Without rows its range is `[,]`. */
function logarithmOfZero(warnings: readonly string[]): string | undefined {
  const range = warnings
    .map((warning) => /^Log scale domain includes zero: (\[.*\d.*\])$/.exec(warning)?.[1])
    .find(Boolean);
  return (
    range &&
    `a logarithmic axis or colour would have the range ${range}, which has no logarithms: leave out the rows with 0 or less, by "transform": [{"filter": "datum.COLUMN > 0"}], or set the type of the scale to "symlog"; bars and areas begin at 0 without "stack": null`
  );
}

/** Pixels of a PNG: beyond that, it would end the process. */
const mostPixels = 2 ** 27;

/** A point far from the axes makes a figure that reaches to it. */
function tooLarge(svg: string): string | undefined {
  const [, width, height] = /<svg[^>]* width="([\d.e+]+)" height="([\d.e+]+)"/.exec(svg) ?? [];
  // The PNG is twice as large on each side.
  if (4 * Number(width) * Number(height) <= mostPixels) return undefined;
  return `it would be ${width} x ${height} pixels: where rows are far outside the "domain" of an axis, set "clip": true in the mark, or leave them out`;
}

/** A configuration, with what the specification sets in place of the same of the theme. */
function merged(theme: unknown, own: unknown): unknown {
  if (!isObject(theme) || !isObject(own)) return own ?? theme;
  return { ...theme, ...Object.fromEntries(Object.keys(own).map((name) => [name, merged(theme[name], own[name])])) };
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
 * numbers a cell without a value, or an infinite one, is null: as empty text it would be drawn as 0.
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
  return /^(|n\/?a|nan|null|none|[-+]?inf(inity)?)$/i.test(cell);
}

/** Not what looks like one: 3.11.7, 2024.01.05. */
function isNumber(cell: string): boolean {
  return /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell) && Number.isFinite(Number(cell));
}

function valueOf(cell: string, type: string | undefined): string | number | boolean {
  if (type === 'boolean') return cell === 'true';
  return type === 'number' || type === 'integer' || (type === undefined && isNumber(cell)) ? Number(cell) : cell;
}
