/** Sweeps as the paper's theory would have them: what every claim should find reproduced. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomAbsoluteOverlapVariance, welchBoundSquared } from '../../../numerics/geometry/overlaps.ts';
import type { ModelSummary } from '../../../stages/toy/artifacts.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { randomRow } from '../../../stages/toy/random-geometry/geometry.ts';
import type { Sources } from '../../../stages/report/claims/quantities/sources.ts';
import { parseClaims } from 'repro';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import { languageModels, publishedSizes } from './ideal-language.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();

export const claims = parseClaims(
  readFileSync(join(root, 'params/claims.json'), 'utf8'),
  'params/claims.json',
  vocabulary,
);

const gammas = Array.from({ length: 10 }, (_, i) => -1 + (2 * i) / 9);
const alphas = Array.from({ length: 9 }, (_, i) => i / 4);
const widths = [10, 12, 15, 18, 22, 27];
const n = 256;

/** What no mutation changes is made once. */
const random = { rows: [5, 16, 63].map((m) => randomRow(m, 1000, { k0: 12345, k1: 678 })) };
const sizes = publishedSizes();

/** Changes one summary of the experiment named. */
export type Mutation = (model: ModelSummary, experiment: string) => Partial<ModelSummary>;

export function idealSources(mutate: Mutation = () => ({})): Sources {
  const make = (experiment: string, cells: Partial<ModelSummary>[]) =>
    fitSweep(
      experiment,
      experiment === 'large' ? [{ frequencies: 'power-law', superposition: 'weak', minimumM: 64 }] : [],
      cells.map((cell) => {
        const model = idealModel(cell);
        return { ...model, ...mutate(model, experiment) };
      }),
    );
  const grid = <A, B>(a: readonly A[], b: readonly B[]): [A, B][] => a.flatMap((x) => b.map((y): [A, B] => [x, y]));
  return {
    sweeps: [
      make(
        'small',
        grid(grid(gammas, alphas), widths).map(([[gamma, alpha], m]) => ({ gamma, alpha, m })),
      ),
      make(
        'wide',
        grid(grid(gammas.slice(1, 4), alphas), [23, 30, 40]).map(([[gamma, alpha], m]) => ({
          gamma,
          alpha,
          m,
          loss: m ** (alpha >= 1.75 ? -1.3 : -1),
        })),
      ),
      make(
        'density',
        grid(grid(gammas, [1, 2, 3, 4]), [25, 39, 63]).map(([[gamma, density], m]) => ({
          gamma,
          density,
          m,
          n: 1000,
          loss: density / m ** (gamma < 0 ? 1 : 0.3),
        })),
      ),
      make(
        'large',
        (['exponential', 'power-law', 'linear'] as const).flatMap((frequencies, k) =>
          grid([-1, 0.1], [8, 16, 32, 64, 128, 256, 512, 1024]).map(([gamma, m]) => ({
            frequencies,
            alpha: frequencies === 'power-law' ? 1.2 : null,
            gamma,
            m,
            n: 10240,
            loss:
              gamma < 0 ? m ** -[1.01, 1, 0.89][k]! : frequencies === 'power-law' ? m ** -0.2 : 1.3 - (m / 1100) ** 2,
          })),
        ),
      ),
      make(
        'insensitivity',
        grid(grid([2048, 8192], [20000, 80000]), [0, 1, 2, 3, 4]).map(([[batch, steps], replicate]) => {
          const loss = 0.08 * (1 + 0.01 * ((replicate * 7 + batch / 2048 + steps / 20000) % 5));
          return { gamma: -1, alpha: 1, m: 10, batch, steps, replicate, loss };
        }),
      ),
      make(
        'breakdown',
        [4, 8, 16, 32, 64, 128, 181, 256].map((m) => ({ gamma: -1, alpha: 1, m, loss: m === 256 ? 1e-4 : 1 / m })),
      ),
      make(
        'unit-norm',
        grid(alphas, widths).map(([alpha, m]) => ({ gamma: -1, alpha, m, projection: 'unit-rows' as const })),
      ),
    ],
    random,
    languageModels,
    sizes,
    readsModels: false,
    heads: undefined,
    losses: undefined,
    tokens: undefined,
  };
}

function idealModel(cell: Partial<ModelSummary>): ModelSummary {
  const { alpha = 1, gamma = -1, m = 10 } = cell;
  const size = cell.n ?? n;
  const strong = gamma < 0;
  const a = alpha ?? 1;
  const weakLoss = 1.2 * m ** -Math.max(0.2, a - 1);
  const loss = cell.loss ?? (strong ? 0.8 * m ** -Math.max(1, 2 * (a - 1)) : weakLoss);
  const strongCount = Math.round(strong ? Math.min(0.9 * size, (m * m) / 2) : 0);
  const bound = strongCount > m ? welchBoundSquared(strongCount, m) : 0;
  const represented = gamma < -0.2 ? 1 : strong ? 0.95 - 0.2 * a : (m / size) * (1.2 - 0.2 * a);
  return {
    frequencies: 'power-law',
    alpha,
    n: size,
    m,
    density: 1,
    gamma,
    batch: 2048,
    steps: 20000,
    projection: 'none',
    replicate: 0,
    initialBias: { mean: 0, standardDeviation: 1 },
    lossScale: 1,
    epsilon: 1e-8,
    loss,
    lossStandardDeviation: 0.01,
    trainingLoss: loss,
    trainingLossStandardDeviation: 0.01,
    representedFraction: represented,
    stronglyRepresentedFraction: strongCount / size,
    middleNormFraction: 0.02,
    norm: { mean: 1, standardDeviation: 0.1, minimum: 0, maximum: 1.2 },
    normDensityAtOne: 0.5,
    normDensityBelowOne: 4,
    normDensityAboveOne: 3,
    strongRankTest: strongCount && a > 0 ? { z: 9, p: 1e-12 } : null,
    unlearnedLoss: strong ? 0 : loss / 1.08,
    unlearnedLossIntegral: null,
    unrepresentedLoss: strong ? 0 : loss / 1.01,
    ambiguity: Math.abs(gamma - 0.5) + (a > 1 ? 0 : 5),
    strongOverlap: bound
      ? overlap(strongCount, 1.03 * bound, 0.5 * randomAbsoluteOverlapVariance(m), bound, 2 / Math.sqrt(m))
      : null,
    weakOverlap:
      strong && size - strongCount > 1 ? overlap(size - strongCount, a > 1.5 ? 0.8 : 1.4 / m, 0.001, 0) : null,
    dead: {
      fraction: 1 - strongCount / size,
      ofWeak: 1,
      ofStrong: 0,
      ofRepresented: 0.3,
      mostFrequent: strongCount + 1,
      singleFeatureLoss: strong ? 0.3 / m : loss,
      loss: strong ? 0.3 / m : loss,
      lowerInitialBias: 0.99,
      lessFrequent: 0.55,
    },
    outputLoss: {
      strong: strong ? 0.6 * loss : 0,
      weak: strong ? 0.4 * loss : loss,
      live: 0.6 * loss,
      dead: 0.4 * loss,
    },
    live: { norm: null, bias: null, overlap: null },
    strongBias: null,
    strongBiasMedian: strongCount ? -0.7 / Math.sqrt(m) : null,
    strongFrequency: strong ? 0.7 : 0,
    strongLoss: strong ? 0.5 / m : 0,
    weakLoss: strong ? 0.3 * m ** (a >= 1.5 ? -1.8 : -1) : loss,
    ...cell,
  };
}

function overlap(count: number, meanSquare: number, varianceAbsolute: number, welch: number, maximumAbsolute = 1) {
  return {
    count,
    meanSquare,
    meanAbsolute: Math.sqrt(meanSquare - varianceAbsolute),
    varianceAbsolute,
    maximumAbsolute,
    welchBoundSquared: welch,
  };
}
