/** The exponent of loss against model dimension, cell by cell (App. D.1). */
import { meanInterval } from '../../../numerics/statistics/mean-interval.ts';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import type { Line } from '../../../numerics/statistics/regression.ts';
import type { ExponentFit, FittedSweepContent, ModelSummary } from '../artifacts.ts';

export interface FitRange {
  readonly frequencies: ModelSummary['frequencies'];
  readonly superposition: 'strong' | 'weak';
  readonly minimumM: number;
}

/** Fewer points leave no residual to judge the slope by. */
const fewestPoints = 3;

/**
 * Collects the models of an experiment, sorted, and fits every group that differs in m alone and has at least three
 * m. The fit is that of replicate 0; beside it, every replicate is fitted over the m that all have. Throws if a model
 * comes twice.
 */
export function fitSweep(
  experiment: string,
  ranges: readonly FitRange[],
  summaries: readonly ModelSummary[],
): FittedSweepContent {
  const models = [...summaries].sort(compareModels);
  models.forEach((model, i) => {
    const next = models[i + 1];
    if (next && compareModels(model, next) === 0)
      throw new Error(`${experiment}: two measurements of one model: ${describe(model)}`);
  });
  const exponents = groupBy(models, (model) => groupKey(model)).flatMap((group) => fitGroup(group, ranges) ?? []);
  return { experiment, models, exponents };
}

function fitGroup(group: readonly ModelSummary[], ranges: readonly FitRange[]): ExponentFit | undefined {
  const first = group[0]!;
  const range = ranges.find(
    ({ frequencies, superposition }) =>
      frequencies === first.frequencies && superposition === (first.gamma < 0 ? 'strong' : 'weak'),
  );
  const used = group.filter(({ m }) => m >= (range?.minimumM ?? 1));
  const byReplicate = groupBy(used, ({ replicate }) => String(replicate));
  const main = byReplicate.find(([model]) => model!.replicate === 0);
  if (!main || main.length < fewestPoints) return undefined;
  const lineOf = (models: readonly ModelSummary[]): Line =>
    fitPowerLaw(
      models.map(({ m }) => m),
      models.map(({ loss }) => loss),
    );
  const line = lineOf(main);
  const { frequencies, alpha, n, density, gamma, batch, steps, projection, initialBias, lossScale, epsilon } = first;
  return {
    frequencies,
    alpha,
    n,
    density,
    gamma,
    batch,
    steps,
    projection,
    initialBias,
    lossScale,
    epsilon,
    exponent: -line.slope,
    standardError: line.standardError,
    low: -line.high,
    high: -line.low,
    replicates: acrossSeeds(byReplicate, (models) => -lineOf(models).slope),
    intercept: line.intercept,
    r2: line.r2,
    m: main.map(({ m }) => m),
    maximumAmbiguity: Math.max(...group.filter(({ replicate }) => replicate === 0).map(({ ambiguity }) => ambiguity)),
  };
}

/** Seeds are compared over the m that all of them have: large models are repeated only up to some m. */
function acrossSeeds(
  seeds: readonly (readonly ModelSummary[])[],
  exponentOf: (models: readonly ModelSummary[]) => number,
): ExponentFit['replicates'] {
  const shared = seeds[0]!
    .map(({ m }) => m)
    .filter((width) => seeds.every((models) => models.some(({ m }) => m === width)));
  if (seeds.length < 2 || shared.length < fewestPoints) return null;
  const exponents = seeds.map((models) => exponentOf(models.filter(({ m }) => shared.includes(m))));
  return { count: seeds.length, exponents, ...meanInterval(exponents), m: shared };
}

const kinds = ['power-law', 'exponential', 'linear'];
const projections = ['none', 'unit-rows'];

function coordinates(model: ModelSummary): number[] {
  const { frequencies, alpha, n, density, gamma, batch, steps, projection, m, replicate } = model;
  const { initialBias, lossScale, epsilon } = model;
  return [
    kinds.indexOf(frequencies),
    alpha ?? -1,
    n,
    density,
    gamma,
    batch,
    steps,
    projections.indexOf(projection),
    initialBias.mean,
    initialBias.standardDeviation,
    lossScale,
    epsilon,
    m,
    replicate,
  ];
}

function groupKey(model: ModelSummary): string {
  return coordinates(model).slice(0, -2).join(' ');
}

function compareModels(a: ModelSummary, b: ModelSummary): number {
  const x = coordinates(a);
  const y = coordinates(b);
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return 0;
}

/** Groups of equal key, in order of first appearance. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}

function describe({ frequencies, alpha, gamma, density, m, replicate }: ModelSummary): string {
  return `frequencies ${frequencies}, alpha ${alpha}, gamma ${gamma}, density ${density}, m ${m}, replicate ${replicate}`;
}
