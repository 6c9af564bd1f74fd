import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureFrequencies } from '../../../../numerics/features/frequencies.ts';
import { overlapStatistics } from '../../../../numerics/geometry/overlaps.ts';
import { samplerTables } from '../../../../numerics/random/sampler-tables.ts';
import { drawSamples } from '../../../../numerics/random/sampler.ts';
import { streamTag } from '../../../../numerics/random/streams.ts';
import { evaluateLoss } from '../../../../numerics/toy-model/loss.ts';
import type { ModelCell } from '../../../../stages/toy/artifacts.ts';
import { measureModel } from '../../../../stages/toy/measure-geometry/measure.ts';
import { describeDead } from '../../../../stages/toy/measure-geometry/dead.ts';
import { densityAroundOne } from '../../../../stages/toy/measure-geometry/norms.ts';
import { unlearnedLoss, unlearnedLossIntegral } from '../../../../stages/toy/measure-geometry/unlearned.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} to ${tolerance}`);
}

const n = 60;
const m = 6;
const cell: ModelCell = {
  frequencies: 'power-law', alpha: 1, n, m, density: 1, gamma: 0.5, batch: 64, steps: 10, projection: 'none', replicate: 0,
  initialBias: { mean: 0, standardDeviation: 1 }, lossScale: 1, epsilon: 1e-8,
}; // prettier-ignore
const frequencies = featureFrequencies({ frequencies: 'power-law', n, alpha: 1, density: 1 });
const training = { count: 100, mean: 0.5, standardDeviation: 0.1 };

function measure(w: Float32Array, b: Float32Array) {
  const samples = drawSamples(samplerTables(frequencies), { k0: 5, k1: 6 }, streamTag.evaluation, 0, 20_000);
  const { batches, outputs } = evaluateLoss({ W: w, b, n, m }, samples, 1000);
  const heldOut = { byBatch: batches, byOutput: outputs };
  return measureModel(cell, { w, b, initialBias: b, frequencies, training }, heldOut, overlapStatistics);
}

/** The first m features in an orthonormal basis, scaled; the rest absent. */
function learnedOnly(scale: number): Float32Array {
  const w = new Float32Array(n * m);
  for (let i = 0; i < m; i++) w[i * m + i] = scale;
  return w;
}

test('without superposition the loss is that of the unlearned features, and the ambiguity is 0', async () => {
  const { summary, rowNorm } = await measure(learnedOnly(1), new Float32Array(n));
  near(summary.representedFraction, m / n, 1e-15);
  assert.equal(summary.stronglyRepresentedFraction, 0);
  near(summary.ambiguity, 0, 1e-12);
  near(summary.unlearnedLoss, (4 / 3) * frequencies.slice(m).reduce((a, b) => a + b, 0), 1e-14);
  near(summary.unrepresentedLoss, summary.unlearnedLoss, 1e-15);
  const error = summary.lossStandardDeviation / Math.sqrt(20);
  near(summary.loss, summary.unlearnedLoss, 4 * error);
  // With orthogonal rows and no bias joint activations add nothing.
  near(summary.weakLoss, summary.unlearnedLoss, 1e-12);
  assert.equal(summary.strongLoss, 0);
  assert.equal(summary.strongOverlap, null);
  assert.equal(summary.strongBiasMedian, null);
  assert.equal(summary.strongRankTest, null);
  // Absent rows have no direction: only the m orthogonal ones are left.
  assert.equal(summary.weakOverlap!.count, m);
  assert.equal(summary.weakOverlap!.meanSquare, 0);
  assert.deepEqual(rowNorm.slice(0, m + 1), [1, 1, 1, 1, 1, 1, 0]);
});

test('rows longer than 1 are strong: their rank, bias and overlaps are told apart', async () => {
  const w = learnedOnly(1.1);
  for (let i = m; i < n; i++) w[i * m + (i % m)] = 0.9;
  const b = Float32Array.from({ length: n }, (_, i) => (i < m ? -0.2 - 0.01 * i : 0.1));
  const { summary } = await measure(w, b);
  assert.equal(summary.representedFraction, 1);
  near(summary.stronglyRepresentedFraction, m / n, 1e-15);
  assert.ok(summary.strongRankTest!.p < 1e-4 && summary.strongRankTest!.z > 0);
  near(summary.strongBiasMedian!, -0.225, 1e-6);
  near(
    summary.strongFrequency,
    frequencies.slice(0, m).reduce((a, b) => a + b, 0),
    1e-12,
  );
  assert.ok(summary.strongLoss > 0 && summary.weakLoss > 0);
  assert.equal(summary.strongOverlap!.meanSquare, 0);
  // 54 rows on 6 axes, 9 on each: 6 (9 choose 2) of the (54 choose 2) pairs are parallel; with 54 - 6 over 6 x 53 as bound.
  near(summary.weakOverlap!.meanSquare, (6 * 36) / 1431, 1e-7);
  near(summary.weakOverlap!.welchBoundSquared, 48 / 318, 1e-15);
  near(summary.normDensityBelowOne, 54 / 60 / 0.05, 1e-9);
  near(summary.normDensityAboveOne, 6 / 60 / 0.05, 1e-9);
  assert.equal(summary.normDensityAtOne, 0);
  assert.equal(summary.middleNormFraction, 0);
});

test('the bin at 1 is [0.975, 1.025], and the maxima are of bins as wide', () => {
  const found = densityAroundOne(Float64Array.of(0.98, 1.02, 0.96, 0.94, 0.95, 1.03, 3));
  near(found.at, 2 / 7 / 0.05, 1e-12);
  near(found.below, 3 / 7 / 0.05, 1e-12);
  near(found.above, 1 / 7 / 0.05, 1e-12);
});

test("Eq. 4's integral approaches its sum, on both sides of alpha = 1 and at it", () => {
  const size = 100_000;
  for (const alpha of [0.5, 0.999, 1, 1.001, 1.5]) {
    const p = featureFrequencies({ frequencies: 'power-law', n: size, alpha, density: 2 });
    const represented = 2000;
    const sum = unlearnedLoss(p, represented);
    // Both are normalised to E; the sum over 1/i^alpha and its integral differ most in the first terms.
    const norm = alpha === 1 ? Math.log(size) : (size ** (1 - alpha) - 1) / (1 - alpha);
    const correction = Array.from({ length: size }, (_, i) => (i + 1) ** -alpha).reduce((a, b) => a + b, 0) / norm;
    near(unlearnedLossIntegral(alpha, size, 2, represented / size) / correction / sum, 1, 1e-3);
  }
  near(unlearnedLossIntegral(0.5, 100, 1, 1), 0, 1e-15);
  assert.ok(Number.isFinite(unlearnedLossIntegral(1.5, 100, 1, 0)));
});

test('a diverged model and mismatched shapes are refused', async () => {
  const w = learnedOnly(1);
  const heldOut = { byBatch: [Number.NaN], byOutput: new Float64Array(n) };
  const b = new Float32Array(n);
  await assert.rejects(
    measureModel(cell, { w, b, initialBias: b, frequencies, training }, heldOut, overlapStatistics),
    /held-out loss is NaN: training diverged/,
  );
  await assert.rejects(
    measureModel(
      cell,
      { w, b: new Float32Array(3), initialBias: b, frequencies, training },
      heldOut,
      overlapStatistics,
    ),
    /biases 3/,
  );
});

test('a dead unit is one that its own largest activation cannot open, and the bias it began with tells it apart', () => {
  const norms = [1.2, 0.5, 0.6, 1];
  const p = [0.4, 0.3, 0.2, 0.1];
  // 2 ||W||^2 is 2.88, 0.5, 0.72 and 2.
  const b = [-2.8, -0.4, -0.8, -2];
  const alone = [1, 2, 3, 4];
  const dead = describeDead({ norms, b, initialBias: [0, 1, -2, -1], p, alone });
  assert.equal(dead.fraction, 0.5);
  assert.equal(dead.ofWeak, 2 / 3);
  assert.equal(dead.ofStrong, 0);
  assert.equal(dead.ofRepresented, 2 / 3);
  assert.equal(dead.mostFrequent, 3);
  near(dead.loss, (4 / 3) * (0.2 + 0.1), 1e-15);
  near(dead.singleFeatureLoss, 0.2 * 3 + 0.1 * 4, 1e-15);
  assert.equal(dead.lowerInitialBias, 1);
  assert.equal(dead.lessFrequent, 1);
  assert.equal(describeDead({ norms, b, initialBias: [0, -1.5, -2, -1], p, alone }).lowerInitialBias, 0.75);
  // Biases that all began equal tell nothing.
  assert.equal(describeDead({ norms, b, initialBias: [0, 0, 0, 0], p, alone }).lowerInitialBias, 0.5);
  assert.deepEqual(describeDead({ norms: [2], b: [0], initialBias: [0], p: [1], alone: [0] }), {
    fraction: 0,
    ofWeak: null,
    ofStrong: 0,
    ofRepresented: 0,
    mostFrequent: null,
    loss: 0,
    singleFeatureLoss: 0,
    lowerInitialBias: null,
    lessFrequent: null,
  });
});

test('the loss is split by output unit: strong and weak, live and dead', async () => {
  const w = learnedOnly(1.1);
  for (let i = m; i < 2 * m; i++) w[i * m + (i % m)] = 0.9;
  // Of the second six, those of odd rank are dead: 2 x 0.81 does not overcome their bias. So are all that have no row.
  const b = Float32Array.from({ length: n }, (_, i) => (i < m ? -0.2 : i < 2 * m && i % 2 === 0 ? -0.1 : -2));
  const { summary, outputLoss } = await measure(w, b);
  const dead = Array.from({ length: n }, (_, i) => i).filter((i) => b[i] === -2);
  const total = (rows: number[]): number => rows.reduce((sum, i) => sum + outputLoss[i]!, 0);
  const { strong, weak, live } = summary.outputLoss;
  near(strong + weak, summary.loss, 1e-9);
  near(live + summary.outputLoss.dead, summary.loss, 1e-9);
  near(summary.outputLoss.dead, total(dead), 1e-6);
  near(strong, total([0, 1, 2, 3, 4, 5]), 1e-6);
  // Nothing opens a dead unit here: its error is its own activation, to the sampling error.
  near(summary.outputLoss.dead / summary.dead.loss, 1, 0.1);
  assert.equal(summary.dead.mostFrequent, m + 2);
  near(summary.live.norm!.minimum, 0.9, 1e-6);
  near(summary.live.norm!.maximum, 1.1, 1e-6);
  near(summary.live.norm!.mean, (6 * 1.1 + 3 * 0.9) / 9, 1e-6);
  near(summary.live.bias!.q05, -0.2, 1e-6);
  near(summary.live.bias!.q95, -0.1, 1e-6);
  assert.equal(summary.live.bias!.q50, summary.strongBias!.q50);
  // Nine live rows on six axes: three of the 36 pairs are parallel.
  assert.equal(summary.live.overlap!.count, 9);
  near(summary.live.overlap!.meanSquare, 3 / 36, 1e-6);
  near(summary.live.overlap!.welchBoundSquared, 3 / (6 * 8), 1e-15);
});

test('Eq. 4 takes the most frequent features to be the learned ones; the loss of those not represented takes them as they are', async () => {
  const w = new Float32Array(n * m);
  for (let i = 0; i < m; i++) w[(n - 1 - i) * m + i] = 1;
  const { summary } = await measure(w, new Float32Array(n));
  near(summary.unlearnedLoss, (4 / 3) * frequencies.slice(m).reduce((a, b) => a + b, 0), 1e-14);
  near(summary.unrepresentedLoss, (4 / 3) * frequencies.slice(0, n - m).reduce((a, b) => a + b, 0), 1e-14);
  near(summary.loss / summary.unrepresentedLoss, 1, 0.1);
});
