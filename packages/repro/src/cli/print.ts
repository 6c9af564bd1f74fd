import { relative } from 'node:path';
import { json, terminal, terminalLine } from '../escape.ts';
import { padEnd, textWidth } from '../text-width.ts';
import { wrapText } from './wrap.ts';

/** Rows in columns as wide as their widest cell; numbers, and the columns named, to the right. The last column is not padded. */
export function table(given: readonly (readonly (string | number)[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  const rows = given.map((row) => row.map((cell) => (typeof cell === 'number' ? cell : terminalLine(cell))));
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, textWidth(String(cell)))));
  const numeric = widths.map((_, i) => right.includes(i) || rows.slice(1).some((row) => typeof row[i] === 'number'));
  return rows
    .map(
      (row) =>
        row
          .map((cell, i) =>
            numeric[i]
              ? String(cell).padStart(widths[i]!)
              : i === row.length - 1
                ? String(cell)
                : padEnd(String(cell), widths[i]!),
          )
          .join('  ')
          .trimEnd() + '\n',
    )
    .join('');
}

/** Columns of the terminal; of a file or a pipe, a width that cuts nothing a script may look for. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? Math.max(40, process.stdout.columns) : 200;
}

/** A terminal gets lines that are broken between words; a file or a pipe gets them as they are. */
export function print(text: string): void {
  const shown = terminal(text);
  process.stdout.write(process.stdout.isTTY ? wrapText(shown, terminalWidth()) : shown);
}

/** A message of one line, such as a mistake of the caller, for standard error. */
export function complain(message: string): void {
  const line = `repro: ${terminalLine(message)}`;
  const { isTTY, columns } = process.stderr;
  process.stderr.write(`${isTTY ? wrapText(line, Math.max(40, columns)) : line}\n`);
}

/** Text with colours, whose names were escaped when they were put into it. */
export function printPainted(text: string): void {
  process.stdout.write(text);
}

export function printJson(value: unknown): void {
  process.stdout.write(json(value, 1) + '\n');
}

/** Relative to where the user is, unless it lies elsewhere. */
export function shownPath(path: string): string {
  const below = relative('', path);
  return below.startsWith('..') ? path : below || '.';
}

/** `512 B`, `1.20 MB`. */
export function byteSize(bytes: number): string {
  return inThousands(bytes, ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']);
}

/** `63.6 MFLOP`, `1.27 PFLOP`. */
export function floatingPointOperations(count: number): string {
  return inThousands(
    count,
    ['', 'k', 'M', 'G', 'T', 'P', 'E'].map((prefix) => `${prefix}FLOP`),
  );
}

/** Three digits in the unit that they fit: what rounds to 1000 of one is 1.00 of the next. */
function inThousands(count: number, units: readonly string[]): string {
  const rounded = count >= 1 ? Number(count.toPrecision(3)) : 0;
  const power = Math.min(units.length - 1, rounded > 0 ? Math.floor(Math.log10(rounded) / 3 + 1e-9) : 0);
  return `${power === 0 ? Math.round(count) : (count / 1000 ** power).toPrecision(3)} ${units[power]!}`;
}
