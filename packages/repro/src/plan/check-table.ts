import { csvRows } from '../csv.ts';
import type { ColumnType } from '../graph/artifact.ts';

/**
 * How a table in CSV (RFC 4180, with a header) differs from its declared columns: `line 3, b = "x": expected a number`.
 * Undefined if it does not.
 */
export function tableError(text: string, columns: Readonly<Record<string, ColumnType>>): string | undefined {
  const names = Object.keys(columns);
  let header = true;
  for (const { cells, line } of csvRows(text)) {
    if (header) {
      header = false;
      if (cells.length === names.length && cells.every((cell, i) => cell === names[i])) continue;
      if (cells[0]?.startsWith('\ufeff'))
        return 'it begins with a byte order mark: expected UTF-8 without one (in Python: encoding="utf-8")';
      return `line 1 has the columns ${cells.join(', ')}: expected ${names.join(', ')}`;
    }
    if (cells.length !== names.length)
      return `line ${line} has ${cells.length} cells: expected ${names.length}: ${names.join(', ')}`;
    for (const [i, name] of names.entries()) {
      const expected = columns[name]!;
      if (!isOf(cells[i]!, expected))
        return `line ${line}, ${name} = ${JSON.stringify(cells[i])}: expected ${described[expected]}${missingWords(cells[i]!)}`;
    }
  }
  return header ? `it is empty: expected the columns ${names.join(', ')}` : undefined;
}

const described: Readonly<Record<ColumnType, string>> = {
  number: 'a finite number',
  integer: 'a whole number',
  boolean: 'true or false',
  text: 'text',
};

/** A cell without a value is no mistake of the script, so what to do about it is said. */
function missingWords(cell: string): string {
  return /^(|n\/?a|nan|null|none)$/i.test(cell) ? ': leave such rows out, or declare the column as text' : '';
}

function isOf(cell: string, type: ColumnType): boolean {
  switch (type) {
    case 'number':
      return /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell) && Number.isFinite(Number(cell));
    case 'integer':
      return /^-?\d+$/.test(cell) && Number.isSafeInteger(Number(cell));
    case 'boolean':
      return cell === 'true' || cell === 'false';
    case 'text':
      return true;
  }
}
