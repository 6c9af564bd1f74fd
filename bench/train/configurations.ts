import type { FrequencyLaw } from '../../numerics/features/frequencies.ts';
import type { InitialBias } from '../../numerics/toy-model/initial-weights.ts';

/** A model to train, and the schedule it is trained by (Sec. 2, App. B and D.1). */
export interface Configuration {
  readonly name: string;
  readonly group: 'small' | 'large';
  readonly n: number;
  readonly m: number;
  readonly law: FrequencyLaw;
  readonly gamma: number;
  readonly batch: number;
  /** Steps of the learning rate's schedule. */
  readonly steps: number;
  readonly warmup: number;
  readonly peakRateW: number;
  readonly peakRateB: number;
  readonly lossScale: number;
  /** Of the biases before training. Default: the paper's N(0, 1). */
  readonly initialBias?: InitialBias;
}

/** Of the paper. */
export const fullSteps = 20000;
const batch = 2048;

export function small(alpha: number, gamma: number, m: number): Configuration {
  const n = 1000;
  return {
    name: `small[alpha=${alpha},gamma=${Number(gamma.toFixed(3))},m=${m}]`,
    group: 'small',
    n,
    m,
    law: { frequencies: 'power-law', n, alpha, density: 1 },
    gamma,
    batch,
    steps: fullSteps,
    warmup: 2000,
    peakRateW: 0.01,
    peakRateB: 0.01,
    lossScale: 1,
  };
}

function large(kind: 'power-law' | 'exponential' | 'linear', m: number): Configuration {
  const n = 10240;
  const law: FrequencyLaw =
    kind === 'power-law'
      ? { frequencies: kind, n, alpha: 1.2, density: 1 }
      : kind === 'exponential'
        ? { frequencies: kind, n, scale: 400, firstIndex: 1, density: 1 }
        : { frequencies: kind, n, firstIndex: 1, density: 1 };
  return {
    name: `large[frequencies=${kind},m=${m}]`,
    group: 'large',
    n,
    m,
    law,
    gamma: -1,
    batch,
    steps: fullSteps,
    warmup: fullSteps / 20,
    peakRateW: 0.02 * (8 / m) ** 0.25,
    peakRateB: 2 / m,
    lossScale: 100,
  };
}

export const configurations: readonly Configuration[] = [
  ...[0, 1, 2].flatMap((alpha) => [-1, 1 / 3].flatMap((gamma) => [10, 39, 100].map((m) => small(alpha, gamma, m)))),
  ...[64, 1024].flatMap((m) => (['linear', 'exponential', 'power-law'] as const).map((kind) => large(kind, m))),
];

/** The same schedule in fewer steps. */
export function compressed(configuration: Configuration, steps: number): Configuration {
  return { ...configuration, steps, warmup: Math.round((configuration.warmup * steps) / configuration.steps) };
}

/** Steps of the default schedule: what a quick look can afford. */
export function defaultSteps({ group, m }: Configuration): number {
  if (group === 'small') return 2000;
  return m <= 64 ? 200 : 40;
}
