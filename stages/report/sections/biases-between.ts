/** Biases drawn more narrowly than the paper's, and constant ones: whether the change from random to zero biases is gradual. */
import { formatConstant, formatNumber, formatPercent, markdownTable } from 'repro/claims';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import type { FittedSweepContent, ModelSummary } from '../../toy/artifacts.ts';
import { isOfPaper, isZero } from '../../toy/beyond-reach.ts';
import { distinct, groupBy } from '../claims/quantities/sources.ts';
import { fewestWidths } from './bias-pairs.ts';

type Bias = ModelSummary['initialBias'];

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

/** Losses that differ by no more than this factor are called alike. */
const alike = 1.25;

/** Which biases in between leave the loss as zero biases have it, at every m, and from which on it changes. */
function betweenStatement(rows: readonly BetweenRow[]): string {
  const told = (['strong', 'weak'] as const).flatMap((regime) => {
    const some = rows.filter(({ gamma }) => (regime === 'strong' ? gamma < 0 : gamma > 0));
    return some.length ? [regimeText(regime, some)] : [];
  });
  return `*Biases in between* (one seed). ${told.join(' ')}`;
}

function regimeText(regime: string, rows: readonly BetweenRow[]): string {
  const biases = distinctBiases(rows);
  const between = biases.filter((bias) => !isZero(bias) && !isOfPaper(bias));
  const isAlike = (bias: Bias): boolean => factorOf(ratiosOf(rows, bias)) <= alike;
  const same = between.filter(isAlike);
  const factor = factorOf(same.flatMap((bias) => ratiosOf(rows, bias)));
  const kept = `with ${listed(same.map(inWords))} the loss is that from zero biases within a factor of ${formatNumber(factor)}, at every m.`;
  const moved = between
    .filter((bias) => !isAlike(bias))
    .map((bias) => {
      const [all, last] = [false, true].map((atLargest) => rangeOf(ratiosOf(rows, bias, atLargest)));
      return `With ${inWords(bias)} it is ${all} times as high over all m, ${last} times at the largest.`;
    });
  const paper = biases.find(isOfPaper)!;
  const gammas = distinct(rows.map(({ gamma }) => gamma)).map(formatNumber);
  const count = rows.length === 1 ? 'one row' : `${rows.length} rows`;
  return [
    `Under ${regime} superposition (γ = ${gammas.join(', ')}; ${count}) ${same.length ? kept : 'the loss is compared with that from zero biases.'}`,
    ...moved,
    `With the paper’s ${biasName(paper)} it is ${rangeOf(ratiosOf(rows, paper, true))} times as high at the largest m.`,
    ...whereItChanges(
      biases.filter(({ mean }) => mean === 0).map((bias) => ({ bias, same: isZero(bias) || isAlike(bias) })),
    ),
  ].join(' ');
}

const inWords = (bias: Bias): string => (bias.standardDeviation === 0 ? `b = ${biasName(bias)}` : biasName(bias));

/** Between which standard deviations the loss begins to change: those are all that was trained. */
function whereItChanges(drawn: readonly { readonly bias: Bias; readonly same: boolean }[]): string[] {
  const at = drawn.findIndex(({ same }) => !same);
  if (at < 1) return [];
  const [low, high] = [drawn[at - 1]!, drawn[at]!].map(({ bias }) => formatConstant(bias.standardDeviation));
  return [`It begins to change between the standard deviations ${low} and ${high}; none between these was trained.`];
}

/** Every distribution of biases that a row has, from zero biases to the paper's. */
function distinctBiases(rows: readonly BetweenRow[]): Bias[] {
  const all = rows.flatMap(({ curves }) => curves);
  return [...groupBy(all, ({ bias }) => biasName(bias)).values()]
    .map(([first]) => first!)
    .sort(byBias)
    .map(({ bias }) => bias);
}

/** Losses with these biases over those from zero ones, at all m or at the largest alone. */
function ratiosOf(rows: readonly BetweenRow[], wanted: Bias, atLargest = false): number[] {
  return rows.flatMap(({ curves }) => {
    const zero = curves.find(({ bias }) => isZero(bias))!;
    const curve = curves.find(({ bias }) => biasName(bias) === biasName(wanted));
    const ratios = curve?.models.map(({ loss }, i) => loss / zero.models[i]!.loss) ?? [];
    return atLargest ? ratios.slice(-1) : ratios;
  });
}

/** The largest of some ratios, be it above or below 1. */
const factorOf = (ratios: readonly number[]): number => Math.max(...ratios.map((ratio) => Math.max(ratio, 1 / ratio)));
const rangeOf = (ratios: readonly number[]): string =>
  [...new Set([Math.min(...ratios), Math.max(...ratios)].map(formatNumber))].join(' to ');
const listed = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}` : names.join('');
