/** Biases drawn more narrowly than the paper's, and constant ones: whether the change from random to zero biases is gradual. */
import { formatConstant, formatNumber, formatPercent, markdownTable } from 'repro/claims';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';

interface Drawn {
  readonly mean: number;
  readonly standardDeviation: number;
}

/** One curve, of the first seed, over the m at which every distribution of biases has a model. */
interface Curve {
  readonly bias: Drawn;
  readonly models: readonly ModelSummary[];
  /** Of the loss in m. */
  readonly exponent: number;
}

export interface BetweenRow {
  readonly gamma: number;
  readonly alpha: number;
  readonly m: readonly number[];
  /** From zero biases to the paper's. */
  readonly curves: readonly Curve[];
}

const fewestWidths = 3;

/** A row for each (gamma, alpha) with biases in between that has random and zero ones too, at three m or more. */
export function betweenRows(sweeps: readonly FittedSweepContent[]): BetweenRow[] {
  const modelsOf = (name: string): readonly ModelSummary[] =>
    sweeps.find(({ experiment }) => experiment === name)?.models.filter(({ replicate }) => replicate === 0) ?? [];
  const ends = [...modelsOf('small-zero-bias'), ...modelsOf('small')];
  const rows = groupBy(modelsOf('initial-biases'), ({ gamma, alpha }) => `${gamma} ${alpha}`);
  return [...rows.values()]
    .flatMap((between) => {
      const { gamma, alpha } = between[0]!;
      const same = ends.filter((model) => model.gamma === gamma && model.alpha === alpha);
      const curves = [...groupBy([...same, ...between], biasName).values()];
      const has = (models: readonly ModelSummary[], m: number): boolean => models.some((model) => model.m === m);
      const m = distinct(between.map((model) => model.m)).filter((width) => curves.every((each) => has(each, width)));
      if (m.length < fewestWidths || alpha === null || !hasBothEnds(curves)) return [];
      return [{ gamma, alpha, m, curves: curves.map((models) => curveOf(models, m)).sort(byBias) }];
    })
    .sort((a, b) => a.gamma - b.gamma || a.alpha - b.alpha);
}

function hasBothEnds(curves: readonly (readonly ModelSummary[])[]): boolean {
  const deviations = curves.map(([model]) => model!.initialBias);
  return (
    deviations.some(({ mean, standardDeviation }) => mean === 0 && standardDeviation === 0) &&
    deviations.some(({ standardDeviation }) => standardDeviation === 1)
  );
}

function curveOf(all: readonly ModelSummary[], m: readonly number[]): Curve {
  const models = m.map((width) => all.find((model) => model.m === width)!);
  const { slope } = fitPowerLaw(
    m,
    models.map(({ loss }) => loss),
  );
  return { bias: models[0]!.initialBias, models, exponent: -slope };
}

function byBias({ bias: a }: Curve, { bias: b }: Curve): number {
  return a.standardDeviation - b.standardDeviation || b.mean - a.mean;
}

function biasName({ initialBias: { mean, standardDeviation } }: Pick<ModelSummary, 'initialBias'>): string {
  if (standardDeviation === 0) return mean === 0 ? '0' : formatConstant(mean);
  return `N(${formatConstant(mean)}, ${formatConstant(standardDeviation)}²)`;
}

/** The table, with what it says; nothing where no model has biases in between. */
export function betweenText(sweeps: readonly FittedSweepContent[]): string[] {
  const rows = betweenRows(sweeps);
  if (rows.length === 0) return [];
  const table = rows.flatMap(({ gamma, alpha, m, curves }) =>
    curves.map(({ bias, models, exponent }) => [
      `γ = ${formatNumber(gamma)}, α = ${formatConstant(alpha)}`,
      biasName({ initialBias: bias }),
      m.join(' '),
      models.map(({ loss }) => formatNumber(loss)).join(' '),
      formatNumber(exponent),
      formatPercent(models.at(-1)!.dead.fraction),
    ]),
  );
  return [
    betweenStatement(rows),
    markdownTable(['Models', 'Biases', 'm', 'Loss', 'αₘ', 'Dead at the largest m'], table) +
      '\n\nOne seed. Lines go through all m of a row.',
  ];
}

/** How far the losses with biases in between are from either end, at the largest m. */
function betweenStatement(rows: readonly BetweenRow[]): string {
  const lossOf = ({ models }: Curve): number => models.at(-1)!.loss;
  const ratios = rows.flatMap(({ curves }) => {
    const zero = lossOf(curves.find(({ bias }) => bias.mean === 0 && bias.standardDeviation === 0)!);
    const between = curves.filter(
      ({ bias }) => bias.standardDeviation < 1 && !(bias.mean === 0 && bias.standardDeviation === 0),
    );
    const random = curves.filter(({ bias }) => bias.standardDeviation === 1);
    return [
      { between: between.map((curve) => lossOf(curve) / zero), random: random.map((curve) => lossOf(curve) / zero) },
    ];
  });
  const range = (values: readonly number[]): string =>
    [...new Set([Math.min(...values), Math.max(...values)].map((value) => formatNumber(value)))].join(' to ');
  const [between, random] = [ratios.flatMap((row) => row.between), ratios.flatMap((row) => row.random)];
  const deviations = rows
    .flatMap(({ curves }) => curves.map(({ bias }) => bias.standardDeviation))
    .filter((each) => each < 1);
  return `*Biases in between* (${rows.length === 1 ? 'one row' : `${rows.length} rows`}, one seed). At the largest m the loss is, in multiples of that from zero biases, ${range(between)} where the biases are constant or have a standard deviation of ${formatConstant(Math.max(...deviations))} or less, and ${range(random)} with the paper’s standard deviation of 1.`;
}
