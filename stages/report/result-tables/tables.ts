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
  initialBias,
  outputLoss,
  live,
  strongBias,
  ...summary
}: ModelSummary): Record<string, Value> {
  const { frequencies, alpha, n, m, density, gamma, batch, steps, projection, replicate, ...rest } = summary;
  const { lossScale, epsilon, ...numbers } = rest;
  return {
    // Which model it is comes first.
    ...{ frequencies, alpha, n, m, density, gamma, batch, steps, projection, replicate },
    ...prefixed('initialBias', initialBias, ['mean', 'standardDeviation']),
    ...{ lossScale, epsilon },
    ...numbers,
    ...prefixed('norm', norm, normColumns),
    ...prefixed('dead', dead, deadColumns),
    ...prefixed('outputLoss', outputLoss, ['strong', 'weak', 'live', 'dead']),
    ...prefixed('liveNorm', live.norm, normColumns),
    ...prefixed('liveBias', live.bias, quantileColumns),
    ...prefixed('liveOverlap', live.overlap, ['count', 'meanSquare', 'welchBoundSquared']),
    ...prefixed('strongBias', strongBias, quantileColumns),
    ...prefixed('strongRankTest', strongRankTest, ['z', 'p']),
    ...prefixed('strongOverlap', strongOverlap, overlapColumns),
    ...prefixed('weakOverlap', weakOverlap, overlapColumns),
  };
}

const normColumns = ['mean', 'standardDeviation', 'minimum', 'maximum'];
const quantileColumns = ['q05', 'q25', 'q50', 'q75', 'q95'];
const deadColumns = [
  'fraction',
  'ofWeak',
  'ofStrong',
  'ofRepresented',
  'mostFrequent',
  'loss',
  'singleFeatureLoss',
  'lowerInitialBias',
  'lessFrequent',
];
const overlapColumns = [
  'count',
  'meanSquare',
  'meanAbsolute',
  'varianceAbsolute',
  'maximumAbsolute',
  'welchBoundSquared',
];

function exponentRow({ replicates, ...fit }: ExponentFit): Record<string, Value> {
  const { frequencies, alpha, n, density, gamma, batch, steps, projection, m, initialBias, ...rest } = fit;
  const { lossScale, epsilon, ...numbers } = rest;
  return {
    ...{ frequencies, alpha, n, density, gamma, batch, steps, projection },
    ...prefixed('initialBias', initialBias, ['mean', 'standardDeviation']),
    ...{ lossScale, epsilon },
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
