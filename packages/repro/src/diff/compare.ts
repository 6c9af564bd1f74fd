import { memberChanges } from '../plan/reasons.ts';
import type { MemberChange } from '../plan/reasons.ts';
import { statementName } from '../publish/statement.ts';
import type { Store } from '../store/store.ts';
import { compareClaims } from './compare-claims.ts';
import type { ClaimsDiff } from './compare-claims.ts';
import { compareNodes } from './compare-nodes.ts';
import type { NodesDiff } from './compare-nodes.ts';
import { compareTables } from './compare-tables.ts';
import type { TableDiff } from './compare-tables.ts';
import type { PublishedReport } from './published-report.ts';

/** How two published reports differ: `before` is the first that was named. */
export interface ReportDiff {
  readonly before: ReportFacts;
  readonly after: ReportFacts;
  readonly same: boolean;
  /** Null where a report does not say its parameters. */
  readonly parameters: readonly MemberChange[] | null;
  /** Null if neither makes claims. */
  readonly claims: ClaimsDiff | null;
  readonly tables: readonly TableDiff[];
  readonly figures: FilesDiff;
  /** All other files, but lock, provenance, statement and the tables that both have. */
  readonly files: FilesDiff;
  readonly nodes: NodesDiff;
}

export interface ReportFacts {
  readonly label: string;
  readonly commit: string | null;
  readonly finishedAt: string | null;
  readonly nodes: number;
}

export interface FilesDiff {
  readonly same: number;
  readonly changed: readonly string[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

export function compareReports(before: PublishedReport, after: PublishedReport, store: Store | undefined): ReportDiff {
  const own = (path: string): boolean => ['lock.json', 'provenance.json', statementName].includes(path);
  const isTable = (path: string): boolean => path.endsWith('.csv') && before.files.has(path) && after.files.has(path);
  const [was, is] = [before.files.get('lock.json')!, after.files.get('lock.json')!];
  const { parameters } = before;
  return {
    before: factsOf(before),
    after: factsOf(after),
    same: was.equals(is),
    parameters: parameters && after.parameters && memberChanges(parameters, after.parameters),
    claims: compareClaims(before, after) ?? null,
    tables: compareTables(before, after),
    figures: compareFiles(before, after, (path, all) => isFigure(path, all)),
    files: compareFiles(before, after, (path, all) => !own(path) && !isOfFigure(path, all) && !isTable(path)),
    nodes: compareNodes(before, after, store),
  };
}

function factsOf({ label, commit, finishedAt, lock }: PublishedReport): ReportFacts {
  return { label, commit, finishedAt, nodes: Object.keys(lock.nodes).length };
}

function isImage(path: string): boolean {
  return imageEndings.some((ending) => path.endsWith(ending));
}

/** An image; of several formats of one figure, the SVG. */
function isFigure(path: string, all: ReadonlyMap<string, unknown>): boolean {
  return isImage(path) && (path.endsWith('.svg') || !all.has(path.replace(/\.\w+$/, '.svg')));
}

const imageEndings = ['.svg', '.png', '.jpg', '.jpeg', '.webp', '.gif'];

/** An image, or what belongs to one: `figures/4a.vl.json` next to `figures/4a.svg`. */
function isOfFigure(path: string, all: ReadonlyMap<string, unknown>): boolean {
  const stem = path.replace(/(\.\w+)+$/, '');
  return imageEndings.some((ending) => path.endsWith(ending) || all.has(stem + ending));
}

function compareFiles(
  { files: was }: PublishedReport,
  { files: is }: PublishedReport,
  counts: (path: string, all: ReadonlyMap<string, Buffer>) => boolean,
): FilesDiff {
  const [before, after] = [was, is].map((all) => [...all.keys()].filter((path) => counts(path, all))) as [
    string[],
    string[],
  ];
  const both = before.filter((path) => is.has(path));
  const changed = both.filter((path) => !was.get(path)!.equals(is.get(path)!));
  return {
    same: both.length - changed.length,
    changed,
    onlyBefore: before.filter((path) => !is.has(path)),
    onlyAfter: after.filter((path) => !was.has(path)),
  };
}
