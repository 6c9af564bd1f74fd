/** Biases drawn more narrowly than the paper's, and constant ones: whether the change from random to zero biases is gradual. */
import { formatConstant, formatNumber, formatPercent, markdownTable } from 'repro/claims';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { isOfPaper } from '../../toy/beyond-reach.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';
import { fewestWidths } from './bias-pairs.ts';

type Bias = ModelSummary['initialBias'];

const isZero = ({ mean, standardDeviation }: Bias): boolean => mean === 0 && standardDeviation === 0;

/** One curve, of the first seed, over the m at which every distribution of biases has a model. */
interface Curve {
  readonly bias: Bias;
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
      const curves = [...groupBy([...same, ...between], ({ initialBias }) => biasName(initialBias)).values()];
      const has = (models: readonly ModelSummary[], m: number): boolean => models.some((model) => model.m === m);
      const m = distinct(between.map((model) => model.m)).filter((width) => curves.every((each) => has(each, width)));
      if (
        m.length < fewestWidths ||
        alpha === null ||
        ![isZero, isOfPaper].every((end) => curves.some(([model]) => end(model!.initialBias)))
      )
        return [];
      return [{ gamma, alpha, m, curves: curves.map((models) => curveOf(models, m)).sort(byBias) }];
    })
    .sort((a, b) => a.gamma - b.gamma || a.alpha - b.alpha);
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

function biasName({ mean, standardDeviation }: Bias): string {
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
      biasName(bias),
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
  /** Losses of some curves of each row, over that of the row from zero biases. */
  const ratios = (wanted: (bias: Bias) => boolean): string => {
    const values = rows.flatMap(({ curves }) => {
      const zero = lossOf(curves.find(({ bias }) => isZero(bias))!);
      return curves.filter(({ bias }) => wanted(bias)).map((curve) => lossOf(curve) / zero);
    });
    return [...new Set([Math.min(...values), Math.max(...values)].map((value) => formatNumber(value)))].join(' to ');
  };
  const isBetween = (bias: Bias): boolean => !isZero(bias) && !isOfPaper(bias);
  const all = rows.flatMap(({ curves }) => curves.map(({ bias }) => bias));
  const names = [...new Set(all.filter(isBetween).map(biasName))].join(', ');
  const count = rows.length === 1 ? 'one row' : `${rows.length} rows`;
  return (
    `*Biases in between* (${count}, one seed). At the largest m the loss is, in multiples of that from zero biases, ` +
    `${ratios(isBetween)} with the biases in between (${names}), and ${ratios(isOfPaper)} with the paper’s, N(0, 1²).`
  );
}
