/**
 * Time of a training step over whole schedules (the work per step falls while a model learns to be silent), beside
 * that of a dense trainer where one was measured. Means say what a run costs; medians, what it would on an idle machine.
 */
import { parseArgs } from 'node:util';
import { performance } from 'node:perf_hooks';
import { featureFrequencies } from '../../numerics/frequencies.ts';
import { initialWeights } from '../../numerics/initial-weights.ts';
import { ToyModelTrainer } from '../../numerics/kernels/toy-model-trainer.ts';
import { learningRateShare } from '../../numerics/learning-rate.ts';
import { samplerTables } from '../../numerics/random/sampler-tables.ts';
import peers from './peers.json' with { type: 'json' };

interface Case {
  readonly n: number;
  readonly m: number;
  readonly batch: number;
  readonly steps: number;
  readonly alpha: number;
  readonly gamma: number;
}

const grid = (base: Omit<Case, 'm' | 'alpha' | 'gamma'>, widths: number[], alphas: number[], gammas: number[]): Case[] =>
  alphas.flatMap((alpha) => gammas.flatMap((gamma) => widths.map((m) => ({ ...base, m, alpha, gamma }))));

const groups: Record<string, Case[]> = {
  quick: grid({ n: 256, batch: 512, steps: 1500 }, [5, 12, 26], [0, 1, 2], [-1, 1]),
  small: grid({ n: 1000, batch: 2048, steps: 2000 }, [10, 39, 100], [0, 1, 2], [-1, 1]),
  large: grid({ n: 10240, batch: 2048, steps: 20 }, [64, 1024], [1.2], [-1]),
};

const { values } = parseArgs({ options: { group: { type: 'string', default: 'quick' }, steps: { type: 'string' } } });
const cases = groups[values.group];
if (!cases) throw new Error(`--group ${values.group}: expected ${Object.keys(groups).join(', ')}`);

console.log('n      m     batch  steps  alpha gamma   ms/step (mean)  (median)  last loss   dense peer   speed-up');
for (const one of cases) {
  const result = measure(values.steps ? { ...one, steps: Number(values.steps) } : one);
  const { n, m, batch, steps, alpha, gamma } = one;
  const dense = (peers['PyTorch 1.13, dense'] as Record<string, number>)[`${n} ${m} ${batch}`];
  console.log(
    `${String(n).padEnd(6)} ${String(m).padEnd(5)} ${String(batch).padEnd(6)} ${String(values.steps ?? steps).padEnd(6)} ${String(alpha).padEnd(5)} ${String(gamma).padEnd(5)} ` +
      `${result.mean.toFixed(3).padStart(16)} ${result.median.toFixed(3).padStart(9)} ${result.loss.toFixed(4).padStart(10)} ` +
      (dense ? `${dense.toFixed(0).padStart(9)} ms ${(dense / result.mean).toFixed(0).padStart(9)}x` : ''),
  );
}

function measure({ n, m, batch, steps, alpha, gamma }: Case) {
  const p = featureFrequencies({ frequencies: 'power-law', n, alpha, density: 1 });
  const key = { k0: 1, k1: 2 };
  const settings = { n, m, batch, gamma, lossScale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, projection: 'none' } as const;
  const trainer = new ToyModelTrainer(settings, p, samplerTables(p), key, initialWeights(n, m, key));
  const times = new Float64Array(steps);
  let loss = 0;
  for (let k = 1; k <= steps; k++) {
    const rate = 0.01 * learningRateShare(k, steps, steps / 10);
    const begun = performance.now();
    loss = trainer.step(k, rate, rate);
    times[k - 1] = performance.now() - begun;
  }
  const mean = times.reduce((a, c) => a + c, 0) / steps;
  return { mean, median: times.sort()[steps >> 1]!, loss };
}
