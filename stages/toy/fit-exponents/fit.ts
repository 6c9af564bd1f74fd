/** The exponent of loss against model dimension, cell by cell (App. D.1). */
import { fewestSeeds, seedInterval } from '../../../numerics/statistics/mean-interval.ts';
import { mean } from '../../../numerics/statistics/moments.ts';
import { fitLine, fitParabola, fitPowerLaw, logs } from '../../../numerics/statistics/regression.ts';
import type { ExponentFit, FittedSweepContent, ModelCell, ModelSummary } from '../artifacts.ts';
import { curveKey } from '../cell-keys.ts';

export interface FitRange {
  readonly frequencies: ModelSummary['frequencies'];
  readonly superposition: 'strong' | 'weak';
  readonly minimumM: number;
}

/** Fewer points leave no residual to judge the slope by. */
const fewestPoints = 3;

/**
 * Collects the models of an experiment, sorted, and fits every group that differs in m alone and has at least three
 * m: one line through the means of log L over seeds, and one for each seed over the m that all seeds have. Throws if a
 * model comes twice. `missing`: models that the experiment has and that were not trained. A curve that lacks an m is not
 * fitted, and a seed that lacks one has no part in the fit of its curve.
 */
export function fitSweep(
  experiment: string,
  ranges: readonly FitRange[],
  summaries: readonly ModelSummary[],
  missing: readonly ModelCell[] = [],
): FittedSweepContent {
  const models = [...summaries].sort(compareModels);
  models.forEach((model, i) => {
    const next = models[i + 1];
    if (next && compareModels(model, next) === 0)
      throw new Error(`${experiment}: two measurements of one model: ${describe(model)}`);
  });
  const lacking = new Map(groupBy(missing, curveKey).map((cells) => [curveKey(cells[0]!), cells]));
  const exponents = groupBy(models, curveKey).flatMap(
    (group) => fitGroup(group, ranges, lacking.get(curveKey(group[0]!)) ?? []) ?? [],
  );
  return { experiment, models, exponents, ...(missing.length > 0 && { missing: [...missing].sort(compareModels) }) };
}

/** The models of an experiment that no summary is of. Throws for a summary of a model that the experiment has not. */
export function missingModels(
  experiment: string,
  cells: readonly ModelCell[],
  summaries: readonly ModelSummary[],
): ModelCell[] {
  const key = (model: ModelCell): string => coordinates(model).join(' ');
  const planned = new Map(cells.map((cell) => [key(cell), cell]));
  for (const summary of summaries) {
    if (!planned.delete(key(summary)))
      throw new Error(`${experiment}: a measurement of ${describe(summary)}: expected a model of the experiment, once`);
  }
  return [...planned.values()];
}

function fitGroup(
  group: readonly ModelSummary[],
  ranges: readonly FitRange[],
  missing: readonly ModelCell[],
): ExponentFit | undefined {
  const first = group[0]!;
  const range = ranges.find(
    ({ frequencies, superposition }) =>
      frequencies === first.frequencies && superposition === (first.gamma < 0 ? 'strong' : 'weak'),
  );
  const inRange = ({ m }: ModelCell): boolean => m >= (range?.minimumM ?? 1);
  const lacking = missing.filter(inRange);
  const used = group.filter(
    (model) => inRange(model) && !lacking.some(({ replicate }) => replicate === model.replicate),
  );
  if (![...group.filter(inRange), ...lacking].every(({ m }) => used.some((model) => model.m === m))) return undefined;
  const points = groupBy(used, ({ m }) => String(m)).map((models) => ({ m: models[0]!.m, logLoss: meanLog(models) }));
  if (points.length < fewestPoints) return undefined;
  const x = logs(points.map(({ m }) => m));
  const y = points.map(({ logLoss }) => logLoss);
  const line = fitLine(x, y);
  const replicates = acrossSeeds(groupBy(used, ({ replicate }) => String(replicate)));
  const exponent = -line.slope;
  const fit = { standardError: line.standardError, low: -line.high, high: -line.low };
  const seeds = replicates && replicates.count >= fewestSeeds ? replicates : undefined;
  const error = seeds ?? { ...fit, mean: exponent };
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
    exponent,
    standardError: error.standardError,
    // The seeds may share fewer m than the line has: their interval is moved to its exponent.
    low: exponent - (error.mean - error.low),
    high: exponent + (error.high - error.mean),
    errorFrom: seeds ? 'seeds' : 'fit',
    fit,
    curvature: curvatureOf(x, y),
    replicates,
    intercept: line.intercept,
    r2: line.r2,
    m: points.map(({ m }) => m),
    maximumAmbiguity: Math.max(
      ...groupBy(group, ({ m }) => String(m)).map((models) => mean(models.map(({ ambiguity }) => ambiguity))),
    ),
  };
}

/** Mean of log L over seeds. Throws for a loss that is not positive. */
function meanLog(models: readonly ModelSummary[]): number {
  return mean(logs(models.map(({ loss }) => loss)));
}

function curvatureOf(x: ArrayLike<number>, y: ArrayLike<number>): ExponentFit['curvature'] {
  if (x.length < 4) return null;
  const { value, standardError } = fitParabola(x, y);
  return { value, standardError };
}

/** Seeds are compared over the m that all of them have: large models are repeated only up to some m. */
function acrossSeeds(seeds: readonly (readonly ModelSummary[])[]): ExponentFit['replicates'] {
  const shared = seeds[0]!
    .map(({ m }) => m)
    .filter((width) => seeds.every((models) => models.some(({ m }) => m === width)));
  if (seeds.length < 2 || shared.length < fewestPoints) return null;
  const exponents = seeds.map((models) => {
    const used = models.filter(({ m }) => shared.includes(m));
    return -fitPowerLaw(
      used.map(({ m }) => m),
      used.map(({ loss }) => loss),
    ).slope;
  });
  return { count: seeds.length, exponents, ...seedInterval(exponents), m: shared };
}

const kinds = ['power-law', 'exponential', 'linear'];
const projections = ['none', 'unit-rows'];

function coordinates(model: ModelCell): number[] {
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

function compareModels(a: ModelCell, b: ModelCell): number {
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

function describe({ frequencies, alpha, gamma, density, m, replicate }: ModelCell): string {
  return `frequencies ${frequencies}, alpha ${alpha}, gamma ${gamma}, density ${density}, m ${m}, replicate ${replicate}`;
}
