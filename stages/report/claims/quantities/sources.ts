/** What quantities are computed from, and how they ask for it. */
import type { ValueOf } from 'repro';
import type {
  ExponentFit,
  FittedSweepContent,
  LanguageModels,
  ModelSummary,
  RandomGeometry,
} from '../../../toy/artifacts.ts';
import type { HeadFits, LossFits, SizeFits, TokenFits } from '../../../language/artifacts.ts';
import type { CellSelection, Criterion } from '../definition.ts';
import { missing } from '../evidence.ts';
import type { Evidence, Missing } from '../evidence.ts';
import { describeCells, selectFits, selectModels } from '../select.ts';

export interface Sources {
  readonly sweeps: readonly FittedSweepContent[];
  readonly random: ValueOf<typeof RandomGeometry> | undefined;
  readonly languageModels: ValueOf<typeof LanguageModels>;
  readonly sizes: ValueOf<typeof SizeFits>;
  /** Whether this set reads language models at all; what follows is there only if all that it reads could be had. */
  readonly readsModels: boolean;
  readonly heads: ValueOf<typeof HeadFits> | undefined;
  readonly losses: ValueOf<typeof LossFits> | undefined;
  readonly tokens: ValueOf<typeof TokenFits> | undefined;
}

export type Quantity = (criterion: Criterion, sources: Sources) => Evidence;

interface Where {
  readonly cells?: CellSelection | undefined;
  readonly experiment?: string | undefined;
}

/** Overlap statistics of fewer rows are noise. */
export const fewestRows = 10;

/** The models that a criterion is about, handed on; what is missing is said by name. */
export function overModels(
  measure: (models: readonly ModelSummary[], criterion: Criterion, sweep: FittedSweepContent) => Evidence,
): Quantity {
  return (criterion, sources) => {
    const sweep = sweepOf(criterion, sources);
    if ('kind' in sweep) return sweep;
    const models = selectModels(sweep, criterion.cells);
    return models.length ? measure(models, criterion, sweep) : noCells(criterion);
  };
}

/** The same for fitted exponents. */
export function overFits(
  measure: (fits: readonly ExponentFit[], criterion: Criterion, sweep: FittedSweepContent) => Evidence,
): Quantity {
  return (criterion, sources) => {
    const sweep = sweepOf(criterion, sources);
    if ('kind' in sweep) return sweep;
    const fits = selectFits(sweep, criterion.cells);
    return fits.length ? measure(fits, criterion, sweep) : noCells(criterion, 'three or more m in cells with ');
  };
}

/** A value in each model for which it is defined. */
export function byModel(value: (model: ModelSummary) => number | undefined, detail = ''): Quantity {
  return overModels((models, criterion) => cellsOr(models.map(value), detail, criterion));
}

/** Those values that are defined, and how many are not; missing if none is. */
export function cellsOr(values: readonly (number | undefined)[], detail: string, criterion: Where): Evidence {
  const defined = values.filter((value) => value !== undefined);
  const left = values.length - defined.length;
  const beside = left ? `Not defined in ${left} of ${values.length} cells.` : '';
  return defined.length
    ? { kind: 'cells', values: defined, detail: [detail, beside].filter(Boolean).join(' ') }
    : noCells(criterion);
}

export function sweepOf(criterion: Criterion, { sweeps }: Sources): FittedSweepContent | Missing {
  const name = criterion.experiment ?? 'small';
  return (
    sweeps.find(({ experiment }) => experiment === name) ??
    missing(`Out of this set's scale: needs the experiment "${name}".`)
  );
}

export function noCells(criterion: Where, what = ''): Missing {
  const where = describeCells(criterion.cells);
  return missing(
    `Out of this set's scale: needs ${what}${where || 'more models'} in "${criterion.experiment ?? 'small'}".`,
  );
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

export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
