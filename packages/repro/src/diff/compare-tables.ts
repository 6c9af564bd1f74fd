import { csvRows } from '../csv.ts';
import type { PublishedReport } from './published-report.ts';

/** A published table in CSV that two reports have with other content. */
export interface TableDiff {
  readonly path: string;
  /** The columns that rows are matched by. */
  readonly matchedBy: readonly string[];
  /** Rows that both have. */
  readonly both: number;
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** Of the rows that both have, by column: how many have other values, the largest change first. */
  readonly columns: readonly ColumnDiff[];
  /** Set where rows cannot be matched. */
  readonly problem?: string;
}

export interface ColumnDiff {
  readonly column: string;
  readonly changed: number;
  readonly examples: readonly CellChange[];
}

export interface CellChange {
  /** `experiment=small, alpha=0.5` */
  readonly row: string;
  readonly before: string;
  readonly after: string;
}

const examplesKept = 12;

export function compareTables(before: PublishedReport, after: PublishedReport): TableDiff[] {
  return [...before.files].flatMap(([path, content]): TableDiff[] => {
    const other = after.files.get(path);
    if (!path.endsWith('.csv') || !other || other.equals(content)) return [];
    return [compareTable(path, parse(content), parse(other))];
  });
}

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly ReadonlyMap<string, string>[];
}

function parse(content: Buffer): Table {
  const [header, ...rows] = [...csvRows(content.toString('utf8'))].map(({ cells }) => cells);
  const names = header ?? [];
  return { header: names, rows: rows.map((cells) => new Map(names.map((name, i) => [name, cells[i] ?? '']))) };
}

function compareTable(path: string, was: Table, is: Table): TableDiff {
  const shared = was.header.filter((column) => is.header.includes(column));
  const { leading, matchedBy } = identifying(shared, was, is) ?? {};
  const none = { path, matchedBy: [], both: 0, onlyBefore: was.rows.length, onlyAfter: is.rows.length, columns: [] };
  if (!matchedBy || leading === undefined) return { ...none, problem: 'no columns tell its rows apart' };
  const keyOf = (row: ReadonlyMap<string, string>): string => JSON.stringify(matchedBy.map((name) => row.get(name)));
  const [mine, others] = [uniqueRows(was, keyOf), uniqueRows(is, keyOf)];
  const pairs = [...mine].flatMap(([key, row]) => {
    const other = others.get(key);
    return other ? [[row, other] as const] : [];
  });
  const naming = namingColumns(
    matchedBy,
    pairs.map(([row]) => row),
  );
  // First what is measured, then what would have identified the rows.
  const columns = [...shared.slice(leading), ...shared.slice(0, leading)]
    .filter((column) => !matchedBy.includes(column))
    .flatMap((column): ColumnDiff[] => {
      const digits = Math.min(...[was, is].map(({ rows }) => significantDigits(rows, column)));
      const changes = pairs
        .map(([a, b]) => ({ row: rowName(a, naming), before: a.get(column)!, after: b.get(column)! }))
        .filter(({ before, after }) => !isSame(before, after, digits));
      if (changes.length === 0) return [];
      const sorted = changes.map((change) => ({ change, size: sizeOf(change) })).sort((a, b) => b.size - a.size);
      const examples = sorted.slice(0, examplesKept).map(({ change }) => change);
      return [{ column, changed: changes.length, examples }];
    });
  const both = pairs.length;
  return { path, matchedBy, both, onlyBefore: was.rows.length - both, onlyAfter: is.rows.length - both, columns };
}

/**
 * The columns that rows are matched by: the shortest run of leading columns that tells the rows of each table apart,
 * without those it can do without. Of these, the ones that two tables agree least on go first: where every model of one
 * set has n = 320 and of the other n = 1000, rows are matched by the rest, and those that the rest does not tell apart are
 * not matched. Undefined if rows are there twice.
 */
function identifying(
  shared: readonly string[],
  was: Table,
  is: Table,
): { leading: number; matchedBy: string[] } | undefined {
  const tellApart = (columns: readonly string[]): boolean =>
    [was, is].every(({ rows }) => {
      const keys = new Set(rows.map((row) => JSON.stringify(columns.map((name) => row.get(name)))));
      return keys.size === rows.length;
    });
  const length = shared.findIndex((_, i) => tellApart(shared.slice(0, i + 1)));
  if (length < 0) return undefined;
  let columns = shared.slice(0, length + 1);
  const agreement = (column: string): number => {
    const [a, b] = [was, is].map(({ rows }) => new Set(rows.map((row) => row.get(column)))) as [
      Set<string | undefined>,
      Set<string | undefined>,
    ];
    const common = [...a].filter((value) => b.has(value)).length;
    return common / Math.max(1, a.size + b.size - common);
  };
  const byAgreement = [...columns].sort((a, b) => agreement(a) - agreement(b));
  for (const column of byAgreement) {
    const rest = columns.filter((name) => name !== column);
    if (rest.length === 0 || agreement(column) === 1) continue;
    if (agreement(column) === 0 || tellApart(rest)) columns = rest;
  }
  return { leading: length + 1, matchedBy: columns };
}

/** As few of the columns as tell these rows apart, the leading ones rather than the others. */
function namingColumns(columns: readonly string[], rows: Table['rows']): string[] {
  let naming = [...columns];
  for (const column of [...columns].reverse()) {
    const rest = naming.filter((name) => name !== column);
    const keys = new Set(rows.map((row) => JSON.stringify(rest.map((name) => row.get(name)))));
    if (rest.length > 0 && keys.size === rows.length) naming = rest;
  }
  return naming;
}

/** The rows by their key, without those that share it with another. */
function uniqueRows(
  { rows }: Table,
  keyOf: (row: Table['rows'][number]) => string,
): Map<string, Table['rows'][number]> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return new Map(rows.map((row) => [keyOf(row), row] as const).filter(([key]) => counts.get(key) === 1));
}

function rowName(row: ReadonlyMap<string, string>, columns: readonly string[]): string {
  return columns.flatMap((name) => (row.get(name) === '' ? [] : [`${name}=${row.get(name)!}`])).join(', ');
}

/** A column of numbers with fewer digits is written as they are: 2 is not 2.4 that was rounded. */
const fewestDigits = 4;

/** The same text, or the same number as far as both tables write it: 1.03613 and 1.03613427. */
function isSame(before: string, after: string, digits: number): boolean {
  if (before === after) return true;
  const [a, b] = [numberOf(before), numberOf(after)];
  if (a === undefined || b === undefined) return false;
  if (digits < fewestDigits) return a === b;
  return a.toPrecision(Math.min(digits, 17)) === b.toPrecision(Math.min(digits, 17));
}

function significantDigits(rows: Table['rows'], column: string): number {
  const digits = rows.map((row) => /^-?0*\.?0*(\d*\.?\d*)/.exec(row.get(column) ?? '')![1]!.replace('.', '').length);
  return digits.reduce((most, each) => Math.max(most, each), 0);
}

/** Relative change of a number; larger than any for what is none. */
function sizeOf({ before, after }: CellChange): number {
  const [a, b] = [numberOf(before), numberOf(after)];
  if (a === undefined || b === undefined) return Infinity;
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE);
}

function numberOf(cell: string): number | undefined {
  const value = cell.trim() === '' ? NaN : Number(cell);
  return Number.isFinite(value) ? value : undefined;
}
