/** Sweeps made up from the theory, with a little noise, for figures to be drawn before and without any training. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { idealLanguage } from '../report/ideal-language.ts';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import type { ExponentFit, FittedSweepContent, ModelSummary } from '../../../stages/toy/artifacts.ts';
import type { FigureInputs, FirstStepsContent, Measurement } from '../../../stages/figures/figure-data.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { overlapStatistics } from '../../../numerics/geometry/overlaps.ts';
import { minimiseFramePotential } from '../../../stages/toy/frame-potential/minimise.ts';
import { randomRow } from '../../../stages/toy/random-geometry/geometry.ts';
import { figures } from '../../../stages/figures/index.ts';

interface Cell {
  frequencies: ModelSummary['frequencies'];
  alpha: number | null;
  gamma: number;
  m: number;
  n: number;
  density: number;
}

const linspace = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / Math.max(1, count - 1));

/** The scale of the `quick` parameter set. */
export const quickScale = {
  n: 256,
  widths: [5, 7, 10, 14, 19, 26],
  alphas: linspace(0, 2, 9),
  gammas: linspace(-1, 1, 10),
};

let state = 1;
/** Uniform in [-1, 1): a linear congruential generator, so that every run draws the same. */
function noise(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}

function frequencies({ frequencies: kind, alpha, n, density }: Cell): number[] {
  const raw = Array.from({ length: n }, (_, i) =>
    kind === 'power-law' ? (i + 1) ** -(alpha ?? 1) : kind === 'exponential' ? Math.exp(-(i * 25.6) / n) : n - i,
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((p) => Math.min(1, (p / sum) * density));
}

function syntheticModel(cell: Cell): Measurement {
  const { n, m, gamma } = cell;
  const p = frequencies(cell);
  const superposed = 1 / (1 + Math.exp((gamma + 0.15) * 14 - 1.2 * Math.log(m / 14)));
  const phi = Math.min(1, Math.max(m / n, superposed > 0.97 ? 1 : superposed) * (1 + 0.02 * noise()));
  const phi1 = gamma < 0 ? Math.min(0.97, Math.max(0.05, (m * m) / (2 * n) + 0.1 + 0.1 * noise())) : (0.4 * m) / n;
  const rowNorm = p.map((_, i) => {
    if (i > phi * n) return Math.abs(0.03 * noise());
    const strong = gamma < 0 && i + n * 0.25 * noise() < phi1 * n;
    return gamma < 0
      ? strong
        ? 1.14 + 0.07 * noise() + 0.02 * noise()
        : 0.86 + 0.1 * noise() + 0.05 * noise()
      : 1 + 0.03 * noise();
  });
  const tail = p.slice(Math.floor(phi * n)).reduce((a, b) => a + b, 0);
  const unlearnedLoss = (4 / 3) * tail;
  const exponent = Math.max(1, 2 * ((cell.alpha ?? 1) - 1));
  const strongLoss = cell.density * 1.1 * (m / 5) ** -exponent * 0.6;
  const loss =
    (gamma < 0
      ? strongLoss * (1 + (1 + gamma) * 0.5) + unlearnedLoss * 0.7
      : unlearnedLoss * (1.05 + 0.05 * noise()) + 0.01) *
    (1 + 0.04 * noise());
  const overlap = (nu: number, factor: number): ModelSummary['strongOverlap'] => {
    const count = Math.round(nu);
    if (count < 2) return null;
    const bound = count <= m ? 0 : (count - m) / (m * (count - 1));
    return {
      count,
      meanSquare: Math.max(bound, 1 / m) * factor,
      meanAbsolute: Math.sqrt(0.6 / m),
      varianceAbsolute: ((0.3 + 0.4 * ((cell.alpha ?? 1) / 2) ** 2 + 0.05 * noise()) * 0.6) / m,
      maximumAbsolute: 0.8,
      welchBoundSquared: bound,
    };
  };
  const allFrequencies = p.reduce((sum, value) => sum + value, 0);
  const weakCount = rowNorm.filter((norm) => norm <= 1).length;
  const summary: ModelSummary = {
    ...cell,
    batch: 1024,
    steps: 4000,
    projection: 'none',
    replicate: 0,
    initialBias: { mean: 0, standardDeviation: 1 },
    lossScale: 1,
    epsilon: 1e-8,
    loss,
    lossStandardDeviation: loss * 0.05,
    trainingLoss: loss,
    trainingLossStandardDeviation: loss * 0.05,
    representedFraction: phi,
    stronglyRepresentedFraction: rowNorm.filter((norm) => norm > 1).length / n,
    middleNormFraction: 0.02,
    norm: { mean: 1, standardDeviation: 0.2, minimum: Math.min(...rowNorm), maximum: Math.max(...rowNorm) },
    normDensityAtOne: 0.4,
    normDensityBelowOne: 2.1,
    normDensityAboveOne: 2.8,
    strongRankTest: { z: 12.3, p: 1e-20 },
    unlearnedLoss,
    unlearnedLossIntegral: unlearnedLoss,
    unrepresentedLoss: unlearnedLoss,
    ambiguity:
      Math.abs(gamma - 0.45) + Math.max(0, 2 - (cell.alpha ?? 1)) * 0.3 + (gamma < 0 ? 10 : 0) + 0.02 * noise(),
    strongOverlap: overlap(n - weakCount, 1.12 + 0.08 * noise()),
    weakOverlap: overlap(weakCount, 1.5 + 2 * ((cell.alpha ?? 1) / 2) * (m / 10) ** 0.8),
    dead: {
      fraction: weakCount / n,
      ofWeak: 1,
      ofStrong: 0,
      ofRepresented: weakCount / n,
      mostFrequent: weakCount ? n - weakCount + 1 : null,
      singleFeatureLoss: 0.3 * loss,
      loss: 0.3 * loss,
      lowerInitialBias: 0.99,
      lessFrequent: 0.55,
    },
    outputLoss: { strong: 0.6 * loss, weak: 0.4 * loss, live: 0.7 * loss, dead: 0.3 * loss },
    beyondReach: { fraction: 0.023, frequency: 0.023, loss: 0.2 * loss },
    lowStart: { frequency: 0.1, loss: 0.3 },
    live: { norm: null, bias: null, overlap: null },
    strongBias: null,
    strongBiasMedian: -0.1,
    strongFrequency: 0.7,
    strongLoss: loss * 0.6,
    weakLoss: loss * 0.4,
  };
  return {
    summary,
    frequency: p,
    rowNorm,
    bias: rowNorm.map((norm) => (norm > 1 ? -0.1 : -3)),
    initialBias: rowNorm.map((norm, i) => (norm > 1 ? 0.4 : -1.2) + Math.sin(i)),
    outputLoss: p.map((frequency) => (loss * frequency) / allFrequencies),
  };
}

function fit(models: readonly ModelSummary[]): ExponentFit {
  const first = models[0]!;
  const x = models.map(({ m }) => Math.log(m));
  const y = models.map(({ loss }) => Math.log(loss));
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const sxx = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0) / sxx;
  const intercept = my - slope * mx;
  const residual = y.reduce((sum, value, i) => sum + (value - intercept - slope * x[i]!) ** 2, 0);
  const total = y.reduce((sum, value) => sum + (value - my) ** 2, 0);
  const standardError = Math.sqrt(residual / (x.length - 2) / sxx) + 0.03;
  return {
    frequencies: first.frequencies,
    alpha: first.alpha,
    n: first.n,
    density: first.density,
    gamma: first.gamma,
    batch: first.batch,
    steps: first.steps,
    projection: first.projection,
    initialBias: first.initialBias,
    lossScale: first.lossScale,
    epsilon: first.epsilon,
    exponent: -slope,
    standardError,
    low: -slope - 2.8 * standardError,
    high: -slope + 2.8 * standardError,
    errorFrom: 'fit',
    fit: { standardError, low: -slope - 2.8 * standardError, high: -slope + 2.8 * standardError },
    curvature: null,
    replicates: null,
    intercept,
    r2: 1 - residual / total,
    m: models.map(({ m }) => m),
    maximumAmbiguity: Math.max(...models.map(({ ambiguity }) => ambiguity)),
  };
}

function cross(experiment: string, groups: readonly Omit<Cell, 'm'>[], widths: readonly number[]) {
  state = 1;
  const measurements = groups.map((group) => widths.map((m) => syntheticModel({ ...group, m })));
  const sweep: FittedSweepContent = {
    experiment,
    models: measurements.flat().map(({ summary }) => summary),
    exponents: measurements.map((models) => fit(models.map(({ summary }) => summary))),
  };
  return { sweep, measurements: measurements.flat() };
}

function syntheticExperiment(name: string, scale: typeof quickScale = quickScale) {
  const { n, widths, alphas, gammas } = scale;
  const powerLaw = { frequencies: 'power-law' as const, n, density: 1 };
  switch (name) {
    case 'small':
      return cross(
        name,
        alphas.flatMap((alpha) => gammas.map((gamma) => ({ ...powerLaw, alpha, gamma }))),
        widths,
      );
    case 'wide':
      return cross(
        name,
        alphas.flatMap((alpha) => [-7 / 9, -5 / 9, -1 / 3].map((gamma) => ({ ...powerLaw, alpha, gamma }))),
        [50, 62, 77, 96, 120, 150],
      );
    case 'density':
      return cross(
        name,
        linspace(1, 7.485, 9).flatMap((density) => gammas.map((gamma) => ({ ...powerLaw, alpha: 1, gamma, density }))),
        widths,
      );
    case 'large':
      return cross(
        name,
        (['exponential', 'power-law', 'linear'] as const).flatMap((frequencies) =>
          [-1, 0.1].map((gamma) => ({
            frequencies,
            alpha: frequencies === 'power-law' ? 1.2 : null,
            gamma,
            n: 2560,
            density: 1,
          })),
        ),
        [8, 16, 32, 64, 128, 256, 512, 1024],
      );
    case 'breakdown': {
      const made = cross(name, [{ ...powerLaw, alpha: 1, gamma: -1, n: 256 }], [4, 8, 16, 32, 64, 128, 181, 256]);
      return altered(made, (model) => ({ ...model, loss: model.loss * (1.002 - (model.m / model.n) ** 2) }));
    }
    case 'unit-norm': {
      const made = cross(
        name,
        alphas.map((alpha) => ({ ...powerLaw, alpha, gamma: -1 })),
        widths,
      );
      return altered(made, (model) => ({ ...model, projection: 'unit-rows', loss: model.loss * 1.1 }));
    }
    case 'small-zero-bias': {
      const made = cross(
        name,
        [-5 / 9, 1 / 3].flatMap((gamma) => alphas.map((alpha) => ({ ...powerLaw, alpha, gamma }))),
        widths,
      );
      return fromZeroBiases(made);
    }
    default:
      throw new Error(`no synthetic experiment "${name}"`);
  }
}

function altered({ sweep, measurements }: ReturnType<typeof cross>, change: (model: ModelSummary) => ModelSummary) {
  return { sweep: { ...sweep, models: sweep.models.map(change) }, measurements };
}

/** Three seeds, half the loss, and none of it of dead features. */
function fromZeroBiases({ sweep, measurements }: ReturnType<typeof cross>) {
  const zero = measurements.map((model) => {
    const { summary } = model;
    const loss = summary.loss / 2;
    const outputLoss = { ...summary.outputLoss, live: loss, dead: 0 };
    const initialBias = { mean: 0, standardDeviation: 0 };
    return { ...model, summary: { ...summary, loss, outputLoss, initialBias }, bias: model.bias.map(() => 0) };
  });
  const models = zero.flatMap(({ summary }) =>
    [0, 1, 2].map((replicate) => ({ ...summary, replicate, loss: summary.loss * (1 + 0.01 * replicate) })),
  );
  return { sweep: { ...sweep, models }, measurements: zero };
}

let language: FigureInputs['language'];

/** Language models as the theory has them, and one head. */
function syntheticLanguage(): NonNullable<FigureInputs['language']> {
  if (!language) {
    const { sizes, heads, losses, tokens } = idealLanguage();
    const summary = heads!.heads.find(({ model }) => model === 'facebook/opt-125m')!;
    const counts = Array.from({ length: 60 }, (_, i) => Math.round(3000 * Math.exp(-(((i - 25) / 9) ** 2))));
    language = { sizes, heads, losses, tokens, head: { summary, normHistogram: { from: 0.4, width: 0.06, counts } } };
  }
  return language;
}

/** The points of the authors' figures. */
const published = JSON.parse(
  readFileSync(join(process.env['REPRO_TEST_ROOT'] ?? '.', 'params/published/points.json'), 'utf8'),
) as PublishedPointsContent;

const made = new Map<string, ReturnType<typeof syntheticExperiment>>();

/** A frame as the stage of that name makes it. */
function syntheticFrame(count: number, m: number): NonNullable<FigureInputs['frame']> {
  const { units, potential, steps } = minimiseFramePotential(initialWeights(count, m, { k0: 1, k1: 2 }).W, m);
  return {
    m,
    rows: Array.from({ length: count }, (_, i) => [...units.subarray(i * m, (i + 1) * m)]),
    potential,
    steps,
    overlap: overlapStatistics(units, m)!,
  };
}

/** A unit that dies, one that lives, and both from zero biases. */
function syntheticFirstSteps(): FirstStepsContent {
  const step = Array.from({ length: 21 }, (_, look) => 10 * look);
  const course = (first: number, last: number, silentFrom = Infinity) => ({
    bias: step.map((taken) => first + ((last - first) * taken) / 200),
    norm: step.map((taken) => 1 - taken / 500),
    fires: step.map((taken) => (taken >= silentFrom ? 0 : 40)),
    gradient: step.map((taken) => (taken >= silentFrom ? 0 : 0.04)),
  });
  return {
    ...{ n: 16, m: 4, alpha: 1, gamma: -5 / 9, batch: 32, steps: 200, probes: 128, step },
    silent: { normal: step.map((taken) => 1 + Number(taken >= 50)), zero: step.map(() => 0) },
    units: [
      { feature: 12, lives: false, normal: course(-1.4, -1.4, 50), zero: course(0, -0.4) },
      { feature: 11, lives: true, normal: course(0.4, -0.3), zero: course(0, -0.4) },
    ],
  };
}

/** What the planner would wire to a figure. `experiments`: those that the parameter set has. */
export function syntheticInputs(
  figure: string,
  experiments: readonly string[],
  scale: typeof quickScale = quickScale,
): FigureInputs {
  const wired = experiments.map((name) => {
    const id = `${name} ${JSON.stringify(scale)}`;
    const known = made.get(id) ?? syntheticExperiment(name, scale);
    made.set(id, known);
    return known;
  });
  const { models, random, frame, firstSteps } = figures.get(figure)!.needs;
  const selected = wired.flatMap(({ measurements }) => models?.(measurements.map(({ summary }) => summary)) ?? []);
  return {
    sweeps: wired.map(({ sweep }) => sweep),
    models: wired.flatMap(({ measurements }) => measurements.filter(({ summary }) => selected.includes(summary))),
    random: random && { rows: scale.widths.map((m) => randomRow(m, 100, { k0: 3, k1: m })) },
    frame: frame && syntheticFrame(6, 3),
    firstSteps: firstSteps && syntheticFirstSteps(),
    language: syntheticLanguage(),
    published: figures.get(figure)!.needs.published && published,
  };
}
