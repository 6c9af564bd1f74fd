import { featureFrequencies } from '../../numerics/features/frequencies.ts';
import type { FrequencyLaw } from '../../numerics/features/frequencies.ts';
import type { GroupModel, GroupShape } from '../../numerics/toy-model/webgpu/layout.ts';
import { samplerTables } from '../../numerics/random/sampler-tables.ts';
import type { SamplerTables } from '../../numerics/random/sampler-tables.ts';
import { batchActivity } from '../../numerics/toy-model/work.ts';

/** Models of the paper that step together. */
export interface BenchGroup {
  readonly name: string;
  readonly shape: GroupShape;
  readonly models: readonly GroupModel[];
  /** Floating-point operations of one step of all models in the factored form, M taken as dense: 6 U n m. */
  readonly work: number;
  /** Bytes that one step of all models moves at the least, G and M too large for caches: each written once, G read once, M twice; W and its moments. */
  readonly traffic: number;
}

const batch = 2048;
const spaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

/** The small sweep (17 alpha x 10 gamma, by m) or the large models (3 laws x strong and weak, by m). `share`: every so-manieth model. */
export function paperGroups(which: 'small' | 'large', share: number, steps: number): BenchGroup[] {
  if (which === 'small') {
    const laws = spaced(0, 2, 17).map((alpha): FrequencyLaw => ({
      frequencies: 'power-law',
      n: 1000,
      alpha,
      density: 1,
    }));
    return [10, 15, 25, 39, 63, 100].map((m) =>
      group(`small m=${m}`, { n: 1000, m, batch }, laws, spaced(-1, 1, 10), 1, 0.1, 0.01, 0.01, share, steps),
    );
  }
  const n = 10240;
  const laws: FrequencyLaw[] = [
    { frequencies: 'exponential', n, scale: 400, firstIndex: 1, density: 1 },
    { frequencies: 'power-law', n, alpha: 1.2, density: 1 },
    { frequencies: 'linear', n, firstIndex: 1, density: 1 },
  ];
  return [8, 16, 32, 64, 128, 256, 512, 1024].map((m) =>
    group(`large m=${m}`, { n, m, batch }, laws, [-1, 0.1], 100, 0.05, 0.02 * (8 / m) ** 0.25, 2 / m, share, steps),
  );
}

/** Three models small enough for a device that the processor plays. */
export function tinyGroups(steps: number): BenchGroup[] {
  const laws = [0, 1, 2].map((alpha): FrequencyLaw => ({ frequencies: 'power-law', n: 200, alpha, density: 1 }));
  return [group('tiny m=12', { n: 200, m: 12, batch: 128 }, laws, [-1], 1, 0.1, 0.01, 0.01, 1, steps)];
}

function group(
  name: string,
  shape: GroupShape,
  laws: readonly FrequencyLaw[],
  gammas: readonly number[],
  lossScale: number,
  warmupShare: number,
  peakRateW: number,
  peakRateB: number,
  share: number,
  steps: number,
): BenchGroup {
  const tables = new Map<FrequencyLaw, { frequency: Float64Array; tables: SamplerTables }>();
  for (const law of laws) {
    const frequency = featureFrequencies(law);
    tables.set(law, { frequency, tables: samplerTables(frequency) });
  }
  const cells = laws.flatMap((law) => gammas.map((gamma) => ({ law, gamma }))).filter((_, i) => i % share === 0);
  const models = cells.map(({ law, gamma }, i): GroupModel => ({
    ...tables.get(law)!,
    key: { k0: i + 1, k1: shape.m },
    gamma,
    lossScale,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    projection: 'none',
    schedule: { steps, warmup: Math.round(warmupShare * steps), peakRateW, peakRateB },
  }));
  const { n, m } = shape;
  const sum = (of: (distinct: number) => number): number =>
    cells.reduce((total, { law }) => total + of(batchActivity(law, shape.batch).distinct), 0);
  return {
    name,
    shape,
    models,
    work: sum((distinct) => 6 * distinct * n * m),
    traffic: sum((distinct) => 4 * (5 * distinct * n + 8 * n * m)),
  };
}
