/** A cell of an experiment: one model, averaged over its seeds. */
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { cellKey } from '../../toy/cell-keys.ts';

/** A summary whose numbers are means over seeds, with the loss seed by seed. */
export interface ModelCellMean extends ModelSummary {
  readonly seeds: number;
  readonly losses: readonly number[];
}

const known = new WeakMap<FittedSweepContent, ModelCellMean[]>();

/**
 * The cells of an experiment, in the order of its models. Throws for a measurement that cannot be one, a number that
 * is not finite or overlaps below Welch's bound: nothing is judged by it.
 */
export function cellsOf(sweep: FittedSweepContent): ModelCellMean[] {
  const found = known.get(sweep) ?? averageCells(sweep);
  known.set(sweep, found);
  return found;
}

function averageCells({ experiment, models }: FittedSweepContent): ModelCellMean[] {
  const groups = new Map<string, ModelSummary[]>();
  for (const model of models) {
    const key = cellKey(model);
    const group = groups.get(key);
    if (group) group.push(model);
    else groups.set(key, [model]);
  }
  return [...groups.values()].map((seeds) => {
    for (const model of seeds) checkModel(experiment, model);
    const losses = seeds.map(({ loss }) => loss);
    return { ...(seeds.length === 1 ? seeds[0]! : averaged(seeds)), replicate: 0, seeds: seeds.length, losses };
  });
}

type Value = number | string | null | { readonly [name: string]: Value };

/**
 * Member by member: numbers are averaged; a member that is null for some seeds is averaged over the others. What the
 * seeds have in common stays as it is: the mean of three equal numbers may differ in its last bit.
 */
function averaged(seeds: readonly ModelSummary[]): ModelSummary {
  const { frequencies, alpha, n, m, density, gamma, batch, steps, projection } = seeds[0]!;
  const { initialBias, lossScale, epsilon } = seeds[0]!;
  const common = {
    frequencies,
    alpha,
    n,
    m,
    density,
    gamma,
    batch,
    steps,
    projection,
    initialBias,
    lossScale,
    epsilon,
  };
  return { ...(mergeMeans(seeds) as unknown as ModelSummary), ...common };
}

function mergeMeans(values: readonly Value[]): Value {
  const present = values.filter((value) => value !== null);
  const first = present[0];
  if (first === undefined) return null;
  if (typeof first === 'number') return (present as number[]).reduce((sum, value) => sum + value, 0) / present.length;
  if (typeof first === 'string') return first;
  const objects = present as { readonly [name: string]: Value }[];
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, mergeMeans(objects.map((value) => value[name] ?? null))]),
  );
}

/** How far the last digit of a stored overlap may be off, relative. */
const rounding = 1e-6;

function checkModel(experiment: string, model: ModelSummary): void {
  const { frequencies, alpha, gamma, m, density, replicate } = model;
  const fail = (what: string): never => {
    throw new Error(
      `${experiment}: frequencies ${frequencies}, alpha ${alpha}, gamma ${gamma}, density ${density}, m ${m}, replicate ${replicate}: ${what}: measure this model again`,
    );
  };
  const name = notFinite(model, '');
  if (name !== undefined) fail(`${name} is not a finite number`);
  for (const overlap of [model.strongOverlap, model.weakOverlap]) {
    if (!overlap || !(overlap.meanSquare < overlap.welchBoundSquared * (1 - rounding))) continue;
    const { meanSquare, count, welchBoundSquared } = overlap;
    fail(
      `the mean square overlap ${meanSquare} of ${count} rows is below Welch's bound ${welchBoundSquared}, which no unit vectors can be`,
    );
  }
}

function notFinite(value: Value, path: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = notFinite(member, path ? `${path}.${name}` : name);
    if (found !== undefined) return found;
  }
  return undefined;
}
