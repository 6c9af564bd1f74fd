/** What quantities are computed from, and how they ask for it. */
import type { ValueOf } from 'repro';
import { describeSelection, missing, selects } from 'repro/claims';
import type { Cell, CellCount, Cells, Evidence, Missing, Part, Selection, Unfinished } from 'repro/claims';
import type {
  ExponentFit,
  FittedSweepContent,
  LanguageModels,
  ModelCell,
  RandomGeometry,
} from '../../../toy/artifacts.ts';
import type { HeadFits, LossFits, SizeFits, TokenFits } from '../../../language/artifacts.ts';
import type { PublishedPointsContent } from '../../../published/points.ts';
import { cellKey, curveKey } from '../../../toy/cell-keys.ts';
import { cellsOf } from '../cells.ts';
import type { ModelCellMean } from '../cells.ts';
import { coordinates } from '../coordinates.ts';
import type { Selectable } from '../coordinates.ts';

export interface Sources {
  readonly sweeps: readonly FittedSweepContent[];
  readonly random: ValueOf<typeof RandomGeometry> | undefined;
  readonly languageModels: ValueOf<typeof LanguageModels> | undefined;
  readonly sizes: ValueOf<typeof SizeFits> | undefined;
  /** Whether this set reads language models at all; what follows is there only if all that it reads could be had. */
  readonly readsModels: boolean;
  readonly heads: ValueOf<typeof HeadFits> | undefined;
  readonly losses: ValueOf<typeof LossFits> | undefined;
  readonly tokens: ValueOf<typeof TokenFits> | undefined;
  /** Of published points alone: what is known of Fig. 3b is this. */
  readonly representedCorrelations?: PublishedPointsContent['series']['representedCorrelations']['rows'];
}

/** Overlap statistics of fewer rows are noise. */
export const fewestRows = 10;

/** The cells that a part is about, and how many more its measured conditions leave out. */
export interface Meant<T> {
  readonly cells: readonly T[];
  readonly excluded: number;
}

/** Hands the models that a part is about to `measure`; what is missing is said by name. */
export function overModels<Found extends Evidence>(
  measure: (models: Meant<ModelCellMean>, part: Part, sweep: FittedSweepContent) => Found | Missing,
): (part: Part, sources: Sources) => Found | Missing {
  return (part, sources) => {
    const sweep = sweepOf(part, sources);
    if ('kind' in sweep) return sweep;
    const models = selectModels(sweep, part.cells);
    const found = models.cells.length + models.excluded ? measure(models, part, sweep) : noCells(part);
    return withUnfinished(found, unfinishedModels(sweep, part));
  };
}

/** The same for fitted exponents, one a cell of models that differ in m alone. */
export function overFits<Found extends Evidence>(
  measure: (fits: readonly ExponentFit[], part: Part, sweep: FittedSweepContent) => Found | Missing,
): (part: Part, sources: Sources) => Found | Missing {
  return (part, sources) => {
    const sweep = sweepOf(part, sources);
    if ('kind' in sweep) return sweep;
    const fits = selectFits(sweep, part.cells);
    const found = fits.length ? measure(fits, part, sweep) : noCells(part, 'three or more m in cells with ');
    return withUnfinished(found, unfinishedCurves(sweep, part));
  };
}

/** Evidence of a sweep that a run left models out of. */
export function withUnfinished<Found extends Evidence>(
  found: Found | Missing,
  unfinished: Unfinished,
): Found | Missing {
  const { planned, absent } = unfinished;
  if (absent === 0) return found;
  if (found.kind === 'missing')
    return missing(
      planned === absent
        ? `Not finished: ${planned === 1 ? 'the one cell that this set has for it is missing' : `none of the ${planned} cells that this set has for it`}.`
        : `Not finished: ${planned - absent} of the ${planned} cells that this set has for it. ${found.reason}`,
      unfinished,
    );
  return { ...found, unfinished };
}

/** Cells of which no seed was trained, of those that a part is about. */
function unfinishedModels(sweep: FittedSweepContent, part: Part): Unfinished {
  const absent = meantMissing(sweep, part);
  const there = new Set(sweep.models.filter(isMeantBy(part)).map(cellKey));
  const lost = new Set(absent.map(cellKey).filter((key) => !there.has(key)));
  return { planned: there.size + lost.size, absent: lost.size };
}

/** Curves over m that could not be fitted since a model is missing, of those that a part is about. */
function unfinishedCurves(sweep: FittedSweepContent, part: Part): Unfinished {
  const fitted = new Set(sweep.exponents.filter(isMeantBy(part)).map(curveKey));
  const lost = new Set(
    meantMissing(sweep, part, { ofCurves: true })
      .map(curveKey)
      .filter((key) => !fitted.has(key)),
  );
  return { planned: fitted.size + lost.size, absent: lost.size };
}

function meantMissing(
  { missing: cells = [] }: FittedSweepContent,
  part: Part,
  { ofCurves = false }: { readonly ofCurves?: boolean } = {},
): readonly ModelCell[] {
  const isMeant = isMeantBy(part);
  return cells.filter((cell) => isMeant(ofCurves ? { ...cell, m: [cell.m] } : cell));
}

const isMeantBy =
  ({ cells, against }: Part) =>
  (cell: Selectable): boolean =>
    selects(cell, cells, coordinates, { measured: false }) ||
    (against !== undefined && selects(cell, against, coordinates, { measured: false }));

/** A value in each model: `undefined` where it has none, `leftOut` where a condition of the rule leaves the model out. */
export const leftOut = Symbol('left out by a measured condition of the rule');
export type ValueOrNot = number | null | undefined | typeof leftOut;

export function byModel(
  value: (model: ModelCellMean) => ValueOrNot,
  detail = '',
): (part: Part, sources: Sources) => Cells | Missing {
  return overModels(({ cells, excluded }) => listCells(cells, excluded, value, ({ seeds }) => seeds, detail));
}

/** The cells that have a place in a rule, undefined values as NaN; how many are undefined is said. */
export function listCells<T>(
  items: readonly T[],
  excluded: number,
  value: (item: T) => ValueOrNot | Omit<Cell, 'seeds'>,
  seeds: (item: T) => number | undefined,
  detail: string,
): Cells {
  const cells: Cell[] = [];
  let out = excluded;
  for (const item of items) {
    const found = value(item);
    if (found === leftOut) out++;
    else {
      const cell = typeof found === 'object' && found !== null ? found : { value: found ?? Number.NaN };
      const count = seeds(item);
      cells.push(count === undefined ? cell : { ...cell, seeds: count });
    }
  }
  const undefinedCells = cells.filter((cell) => Number.isNaN(cell.value)).length;
  const left = out - excluded;
  const notes = [
    detail,
    undefinedCells ? `Not defined in ${undefinedCells} of ${cellCount(cells.length)}.` : '',
    left ? `${cellCount(left)} ${left === 1 ? 'is' : 'are'} left out by a condition of the rule.` : '',
  ];
  return { kind: 'cells', cells, excluded: out, detail: notes.filter(Boolean).join(' ') };
}

export function sweepOf({ experiment: name = 'small' }: Part, { sweeps }: Sources): FittedSweepContent | Missing {
  return (
    sweeps.find(({ experiment }) => experiment === name) ??
    missing(`Out of this set's scale: needs the experiment "${name}".`)
  );
}

export function noCells({ cells, experiment }: Part, what = ''): Missing {
  const where = describeSelection(cells, coordinates);
  return missing(`Out of this set's scale: needs ${what}${where || 'more models'} in "${experiment ?? 'small'}".`);
}

/** The cells selected; those that only a bound on something measured leaves out are counted. */
export function selectModels(sweep: FittedSweepContent, cells?: Selection): Meant<ModelCellMean> {
  const planned = cellsOf(sweep).filter((model) => selects(model, cells, coordinates, { measured: false }));
  const meant = planned.filter((model) => selects(model, cells, coordinates));
  return { cells: meant, excluded: planned.length - meant.length };
}

export function selectFits(sweep: FittedSweepContent, cells?: Selection): ExponentFit[] {
  return sweep.exponents.filter((fit) => selects(fit, cells, coordinates));
}

export function countOf({ excluded, cells }: Meant<unknown>, used: number): CellCount {
  return { planned: excluded + cells.length, excluded, used };
}

/** Seeds behind an exponent. */
export function seedsOf({ replicates }: ExponentFit): number {
  return replicates?.count ?? 1;
}

/** Groups of equal key, in order of first appearance. */
export function groupBy<T>(
  items: readonly T[],
  key: (item: T) => string | number | null,
): Map<string | number | null, T[]> {
  const groups = new Map<string | number | null, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

export const cellCount = (count: number): string => (count === 1 ? '1 cell' : `${count} cells`);

export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
