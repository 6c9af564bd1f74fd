/** The trainers that work here, on the same models and seeds: their loss curves, and the exponents that come of them. */
import { canonicalJson } from 'repro';
import { fitPowerLaw } from '../../numerics/statistics/regression.ts';
import { relativeDistance, trainModels } from '../../stages/toy/train/self-test.ts';
import type { TrainCode, Trained } from '../../stages/toy/train/self-test.ts';
import { train } from '../../stages/toy/train/stage.ts';

/** The trainer that the others are compared with. */
export const baseline = 'wasm';

export const law = { frequencies: 'power-law', n: 200, alpha: 1, density: 1 } as const;
export const widths = [5, 10, 20] as const;

/** Models of every width, 300 steps each; their curves have the mean of each three steps. */
export function modelsOf(batch: number): Parameters<typeof trainModels>[2] {
  return widths.map((m) => ({
    n: law.n,
    m,
    gamma: -1,
    batch,
    steps: 300,
    warmup: 30,
    peakRateW: 0.03,
    peakRateB: 0.03,
    lossScale: 1,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    projection: 'none',
    initialBias: { mean: 0, standardDeviation: 1 },
    seed: 1,
    replicate: 0,
  }));
}

export interface TrainerHere {
  readonly name: string;
  /** What it computes on, in the words of its probe. */
  readonly device: string;
  readonly code: TrainCode;
}

/** All backends of the stage but those that cannot compute here, which are named with the reason. */
export async function trainersHere(): Promise<{ trainers: TrainerHere[]; absent: string[] }> {
  const trainers: TrainerHere[] = [];
  const absent: string[] = [];
  for (const [name, { probe }] of Object.entries(train.declaration.backends!)) {
    const { state, message } = probe ? await probe() : { state: 'fast', message: 'the processor' };
    if (state === 'absent') absent.push(`${name}: ${message}`);
    else
      trainers.push({
        name,
        device: message,
        code: (await import(`../../stages/toy/train/run.${name}.ts`)) as TrainCode,
      });
  }
  return { trainers, absent };
}

export interface Comparison {
  readonly name: string;
  /** By width, in their order. */
  readonly trained: readonly Trained[];
  /** Largest relative deviation of a loss on any curve from the baseline's, and of W by the Frobenius norm. */
  readonly lossDeviation: number;
  readonly weightDeviation: number;
  /** -slope of the final losses (mean of the last 100 steps) against m in log-log. */
  readonly exponent: number;
  readonly seconds: number;
}

export async function compareTrainers(trainers: readonly TrainerHere[], batch: number): Promise<Comparison[]> {
  const models = modelsOf(batch);
  const runs: { name: string; trained: Trained[]; seconds: number }[] = [];
  for (const { name, code } of trainers) {
    const started = performance.now();
    runs.push({
      name,
      trained: await trainModels(code, canonicalJson(law), models),
      seconds: (performance.now() - started) / 1000,
    });
  }
  const reference = runs.find(({ name }) => name === baseline)!.trained;
  return runs.map(({ name, trained, seconds }) => ({
    name,
    trained,
    seconds,
    lossDeviation: Math.max(
      ...trained.flatMap(({ losses }, i) =>
        losses.loss.map((loss, s) => Math.abs(loss / reference[i]!.losses.loss[s]! - 1)),
      ),
    ),
    weightDeviation: Math.max(...trained.map(({ W }, i) => relativeDistance(W, reference[i]!.W))),
    exponent: -fitPowerLaw(
      widths,
      trained.map(({ losses }) => losses.last.mean),
    ).slope,
  }));
}

/** The curves of one width side by side, a line for each so many stretches, and the summary of every trainer. */
export function comparisonLines(comparisons: readonly Comparison[], width: (typeof widths)[number]): string[] {
  const at = widths.indexOf(width);
  const { step } = comparisons[0]!.trained[at]!.losses;
  const cell = (text: string): string => text.padStart(14);
  const every = 11;
  return [
    `loss of n = ${law.n}, m = ${width} by step`,
    `  step${comparisons.map(({ name }) => cell(name)).join('')}`,
    ...step.flatMap((k, s) =>
      s % every
        ? []
        : [
            `${String(k).padStart(6)}${comparisons.map(({ trained }) => cell(trained[at]!.losses.loss[s]!.toPrecision(8))).join('')}`,
          ],
    ),
    ...comparisons.map(
      ({ name, lossDeviation, weightDeviation, exponent, seconds }) =>
        `${name}: largest deviation from ${baseline} over all widths: losses ${lossDeviation.toExponential(1)}, W ${weightDeviation.toExponential(1)}; exponent ${exponent.toFixed(4)}; ${seconds.toFixed(1)} s`,
    ),
  ];
}
