/** One row per model and one per fit, as comma-separated values; an empty cell is a value that does not exist. */
import { from } from 'arquero';
import type { ExponentFit, FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';

type Value = number | string | null;

/** Losses are summed over features; overlaps are those of rows with norm above 1 (strong) and of the others (weak). */
export function modelTable(sweeps: readonly FittedSweepContent[]): string {
  return csv(sweeps.flatMap(({ experiment, models }) => models.map((model) => ({ experiment, ...modelRow(model) }))));
}

export function exponentTable(sweeps: readonly FittedSweepContent[]): string {
  return csv(
    sweeps.flatMap(({ experiment, exponents }) => exponents.map((fit) => ({ experiment, ...exponentRow(fit) }))),
  );
}

function modelRow({
  norm,
  dead,
  strongRankTest,
  strongOverlap,
  weakOverlap,
  ...summary
}: ModelSummary): Record<string, Value> {
  const { frequencies, alpha, n, m, density, gamma, batch, steps, projection, replicate, ...numbers } = summary;
  return {
    // Which model it is comes first.
    ...{ frequencies, alpha, n, m, density, gamma, batch, steps, projection, replicate },
    ...numbers,
    ...prefixed('norm', norm, ['mean', 'standardDeviation', 'minimum', 'maximum']),
    ...prefixed('dead', dead, ['fraction', 'ofWeak', 'ofStrong', 'loss', 'lowerInitialBias', 'lessFrequent']),
    ...prefixed('strongRankTest', strongRankTest, ['z', 'p']),
    ...prefixed('strongOverlap', strongOverlap, overlapColumns),
    ...prefixed('weakOverlap', weakOverlap, overlapColumns),
  };
}

const overlapColumns = [
  'count',
  'meanSquare',
  'meanAbsolute',
  'varianceAbsolute',
  'maximumAbsolute',
  'welchBoundSquared',
];

function exponentRow({ replicates, ...fit }: ExponentFit): Record<string, Value> {
  const { frequencies, alpha, n, density, gamma, batch, steps, projection, m, ...numbers } = fit;
  return {
    ...{ frequencies, alpha, n, density, gamma, batch, steps, projection },
    ...numbers,
    m: m.join(' '),
    ...prefixed('replicates', replicates, ['count', 'mean', 'standardError', 'low', 'high']),
    replicatesExponents: replicates ? replicates.exponents.map(sixDigits).join(' ') : null,
    replicatesM: replicates ? replicates.m.join(' ') : null,
  };
}

/** `strongOverlapMeanSquare`: the columns are there whether or not a model has the values. */
function prefixed(prefix: string, values: object | null, names: readonly string[]): Record<string, Value> {
  const found = values as Record<string, number> | null;
  return Object.fromEntries(
    names.map((name) => [prefix + name[0]!.toUpperCase() + name.slice(1), found ? found[name]! : null]),
  );
}

/** More than a figure can show and than seeds repeat. */
function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}

function csv(rows: readonly Record<string, Value>[]): string {
  const rounded = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? sixDigits(value) : value]),
    ),
  );
  return from(rounded).toCSV() + '\n';
}
