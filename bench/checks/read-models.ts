/** models.csv of a published report, read again as the summaries that it was written from. */
import type { TSchema } from '@sinclair/typebox';
import { distinct, groupBy } from '../../stages/report/claims/quantities/sources.ts';
import { columnsOf } from '../../stages/report/result-tables/columns.ts';
import type { Column } from '../../stages/report/result-tables/columns.ts';
import type { FittedSweepContent } from '../../stages/toy/artifacts.ts';
import { fitSweep } from '../../stages/toy/fit-exponents/fit.ts';
import type { FitRange } from '../../stages/toy/fit-exponents/fit.ts';
import { ModelSummary } from '../../stages/toy/model-summary.ts';

/** The experiments of a models.csv, with their exponents fitted anew; `ranges` are those of the large models. */
export function readModels(text: string, ranges: readonly FitRange[]): FittedSweepContent[] {
  const [head, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const columns = columnsOf(ModelSummary);
  const byExperiment = new Map<string, ModelSummary[]>();
  for (const row of rows) {
    const cells = new Map(head!.map((name, i) => [name, row[i]!]));
    const experiment = cells.get('experiment')!;
    const models = byExperiment.get(experiment) ?? [];
    models.push(summaryOf(columns, cells));
    byExperiment.set(experiment, models);
  }
  return [...byExperiment].map(([name, models]) =>
    fitSweep(name, name === 'large' || name === 'large-zero-bias' ? ranges : [], withoutBegunSeeds(models)),
  );
}

/**
 * Without the seeds that a run has begun and not finished. A run knows with which m each seed was planned; of a table
 * they are those that lack an m of the curve where another seed than the first has all.
 */
function withoutBegunSeeds(models: readonly ModelSummary[]): ModelSummary[] {
  const curves = groupBy(models, ({ frequencies, alpha, gamma, density, initialBias }) =>
    JSON.stringify([frequencies, alpha, gamma, density, initialBias]),
  );
  return [...curves.values()].flatMap((curve) => {
    const widths = distinct(curve.map(({ m }) => m)).length;
    const seeds = [...groupBy(curve, ({ replicate }) => String(replicate))];
    const isWhole = seeds.some(([replicate, own]) => replicate !== '0' && own.length === widths);
    return seeds
      .filter(([replicate, own]) => !isWhole || replicate === '0' || own.length === widths)
      .flatMap(([, own]) => own);
  });
}

interface Members {
  [name: string]: Members | number | string | null;
}

/** A group that may be none, and of which every cell is empty, is none; a column that a table written earlier does not have is left out. */
function summaryOf(columns: readonly Column[], cells: ReadonlyMap<string, string>): ModelSummary {
  const summary: Members = {};
  for (const { name, path, type } of columns) {
    const text = cells.get(name);
    if (text === undefined) continue;
    const value = text === '' ? null : type === 'string' ? text : Number(text);
    let at = summary;
    for (const member of path.slice(0, -1)) at = (at[member] ??= {}) as Members;
    at[path.at(-1)!] = value;
  }
  return withoutEmptyGroups(summary, ModelSummary) as unknown as ModelSummary;
}

function withoutEmptyGroups(members: Members, schema: TSchema): Members {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, TSchema>>;
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => {
      if (typeof value !== 'object' || value === null) return [name, value];
      const type = properties[name]!;
      // A union with none: what is never none, such as what is measured of the live features, stays a group.
      const group = ((type['anyOf'] ?? []) as TSchema[]).find((one) => one['type'] === 'object');
      const inner = withoutEmptyGroups(value, group ?? type);
      return [name, group && Object.values(inner).every((member) => member === null) ? null : inner];
    }),
  );
}
