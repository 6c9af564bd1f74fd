import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { instantiateKernels } from '../../../numerics/toy-model/wasm/toy-model.ts';
import { philox4x32 } from '../../../numerics/random/philox.ts';
import { guideShift, largestPointCount, samplerTables } from '../../../numerics/random/sampler-tables.ts';
import type { SamplerTables } from '../../../numerics/random/sampler-tables.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import { streamKey, streamTag } from '../../../numerics/random/streams.ts';

const key = { k0: 20250510, k1: 10465 };

/** The published vectors of Random123: counter, key, result. */
const knownAnswers = [
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
].map((line) => line.map((text) => text.split(' ').map((word) => Number.parseInt(word, 16))));

test('Philox4x32-10 gives the published words, in TypeScript and in the kernel', () => {
  const { kernels, at, u32 } = instantiateKernels({ input: 24, output: 16 });
  for (const [counter, philoxKey, expected] of knownAnswers) {
    const out = new Uint32Array(4);
    philox4x32(out, ...(counter as [number, number, number, number]), ...(philoxKey as [number, number]));
    assert.deepEqual([...out], expected);
    u32('input', 6).set([...counter!, ...philoxKey!]);
    kernels.philoxBlock(at.input, at.output);
    assert.deepEqual([...u32('output', 4)], expected);
  }
});

test('a stream key is the first eight bytes of a digest, little endian', () => {
  assert.deepEqual(streamKey('0102030405060708ff'), { k0: 0x04030201, k1: 0x08070605 });
});

/** What the kernel draws, without the all-zero samples. */
function drawWithKernel(tables: SamplerTables, n: number, steps: number[], count: number) {
  const points = count * largestPointCount(tables);
  const others = count * (largestPointCount(tables) >> 1) + 4;
  const { kernels, at, u32, f32, f64 } = instantiateKernels({
    hazardLast: 4 * tables.hazardLast.length,
    hazardGuide: 4 * tables.hazardGuide.length,
    countLast: 4 * tables.countLast.length,
    offsets: 4 * (count + 1),
    features: 4 * points,
    values: 4 * points,
    slots: 4 * points,
    distinct: 4 * n,
    uses: 4 * n,
    stepOf: 4 * n,
    rowOf: 4 * n,
    slotOf: 4 * n,
    blocks: 16 * count,
    points: 4 * count,
    more: 16 * others,
    wantedBlock: 4 * others,
    wantedSample: 4 * others,
    result: 16,
  });
  for (const name of ['hazardLast', 'hazardGuide', 'countLast'] as const)
    u32(name, tables[name].length).set(tables[name]);
  return steps.map((step) => {
    kernels.drawBatch(
      tables.alwaysActive,
      at.hazardLast,
      at.hazardGuide,
      guideShift(tables.hazardGuide),
      at.countLast,
      tables.firstCount,
      key.k0,
      key.k1,
      step,
      streamTag.training,
      count,
      at.offsets,
      at.features,
      at.values,
      at.slots,
      at.distinct,
      at.uses,
      at.stepOf,
      at.rowOf,
      at.slotOf,
      at.blocks,
      at.points,
      at.more,
      at.wantedBlock,
      at.wantedSample,
      at.result,
    );
    const [rows, distinct] = u32('result', 2);
    const entries = u32('offsets', count + 1)[rows!]!;
    return {
      offsets: [...u32('offsets', rows! + 1)],
      indices: [...u32('features', entries)],
      values: [...f32('values', entries)],
      slots: [...u32('slots', entries)],
      distinct: [...u32('distinct', distinct!)],
      uses: [...u32('uses', distinct!)],
      squares: f64('result', 2)[1]!,
    };
  });
}

test('the kernel draws what the reference draws', () => {
  for (const [n, density] of [
    [20, 1],
    [300, 0.05],
    [50, 30],
    [10, 2.9289682539682538],
  ] as const) {
    const tables = samplerTables(
      featureFrequencies({ frequencies: 'power-law', n, alpha: density === 30 ? 0 : 1, density }),
    );
    const steps = [1, 2, 3, 20000];
    drawWithKernel(tables, n, steps, 200).forEach((drawn, i) => {
      const expected = drawSamples(tables, key, streamTag.training, steps[i]!, 200);
      assert.deepEqual(drawn.indices, [...expected.indices]);
      assert.deepEqual(drawn.values, [...expected.values]);
      assert.deepEqual(drawn.offsets, [...new Set(expected.offsets)]);
      assert.equal(
        drawn.squares,
        [...expected.values].reduce((sum, v) => sum + v * v, 0),
      );
      assert.deepEqual(
        drawn.slots.map((slot) => drawn.distinct[slot]),
        drawn.indices,
      );
      assert.equal(new Set(drawn.distinct).size, drawn.distinct.length);
      assert.deepEqual(
        drawn.uses,
        drawn.distinct.map((feature) => drawn.indices.filter((index) => index === feature).length),
      );
    });
  }
});

/** Counts of active features, of active pairs, and of samples by their number of active features. */
function count(p: Float64Array, samples: number) {
  const n = p.length;
  const active = new Float64Array(n);
  const pairs = new Float64Array(n * n);
  const { offsets, indices, values: drawn } = drawSamples(samplerTables(p), key, streamTag.evaluation, 0, samples);
  for (let s = 0; s < samples; s++) {
    const row = indices.subarray(offsets[s], offsets[s + 1]);
    assert.equal(new Set(row).size, row.length, 'a feature is active once');
    for (const i of row) {
      active[i]!++;
      for (const j of row) if (i < j) pairs[i * n + j]!++;
    }
  }
  return { active, pairs, values: [...drawn] };
}

test('features are active with their frequencies (chi-square)', () => {
  for (const [alpha, density] of [
    [0, 1],
    [1, 1],
    [2, 1],
    [1, 2.5],
    [0, 12],
  ] as const) {
    const p = featureFrequencies({ frequencies: 'power-law', n: 30, alpha, density });
    const samples = 100_000;
    const { active } = count(p, samples);
    const chiSquare = p.reduce((sum, pi, i) => sum + (active[i]! - samples * pi) ** 2 / (samples * pi * (1 - pi)), 0);
    // 30 degrees of freedom: 99.99% of draws lie in between
    assert.ok(chiSquare > 8 && chiSquare < 67, `alpha ${alpha}, E ${density}: chi-square ${chiSquare}`);
  }
});

test('features are active independently of one another', () => {
  const n = 12;
  for (const density of [1, 3.5]) {
    const p = featureFrequencies({ frequencies: 'power-law', n, alpha: 0.8, density });
    const samples = 200_000;
    const { pairs } = count(p, samples);
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const both = p[i]! * p[j]!;
        const z = (pairs[i * n + j]! - samples * both) / Math.sqrt(samples * both * (1 - both));
        assert.ok(Math.abs(z) < 4.2, `pair ${i}, ${j}: ${z} standard deviations`);
      }
    }
  }
});

test('values are uniform on [0, 2), multiples of 2^-23', () => {
  const { values } = count(featureFrequencies({ frequencies: 'linear', n: 40, firstIndex: 0, density: 1 }), 100_000);
  const moment = (k: number) => values.reduce((sum, v) => sum + v ** k, 0) / values.length;
  const error = 5 / Math.sqrt(values.length);
  assert.ok(Math.abs(moment(1) - 1) < error * Math.sqrt(1 / 3));
  assert.ok(Math.abs(moment(2) - 4 / 3) < error * Math.sqrt(16 / 5 - 16 / 9));
  assert.ok(Math.abs(moment(4) - 16 / 5) < error * Math.sqrt(256 / 9));
  assert.ok(values.every((v) => v >= 0 && v < 2 && Number.isInteger(v * 2 ** 23)));
  assert.ok(Math.max(...values.slice(0, 50_000)) > 1.99);
});

test('a feature with p = 1 is active in every sample, and the others keep their frequencies', () => {
  const harmonic = Array.from({ length: 20 }, (_, i) => 1 / (i + 1)).reduce((a, c) => a + c, 0);
  const p = featureFrequencies({ frequencies: 'power-law', n: 20, alpha: 1, density: harmonic });
  assert.equal(p[0], 1);
  const samples = 50_000;
  const { active } = count(p, samples);
  assert.equal(active[0], samples);
  for (let i = 1; i < 20; i++)
    assert.ok(Math.abs(active[i]! - samples * p[i]!) < 4.5 * Math.sqrt(samples * p[i]! * (1 - p[i]!)), `p_${i + 1}`);
  const all = featureFrequencies({ frequencies: 'power-law', n: 3, alpha: 0, density: 3 });
  assert.deepEqual([...drawSamples(samplerTables(all), key, 1, 1, 2).indices], [0, 1, 2, 0, 1, 2]);
});

test('tables are exact where the mean number of points is large', () => {
  const p = new Float64Array(2000).fill(0.5);
  const tables = samplerTables(p);
  const mean = 2000 * Math.LN2;
  assert.ok(tables.firstCount > mean - 8 * Math.sqrt(mean) && largestPointCount(tables) < mean + 8 * Math.sqrt(mean));
  const { active } = count(p.subarray(0, 60), 20_000);
  const total = active.reduce((a, c) => a + c, 0);
  assert.ok(Math.abs(total - 600_000) < 4.5 * Math.sqrt(300_000), `${total}`);
});

test('rounding of the tables: cumulative hazards to half a word, for rare features too', () => {
  const p = featureFrequencies({ frequencies: 'exponential', n: 4000, scale: 100, firstIndex: 1, density: 1 });
  const { hazardLast } = samplerTables(p);
  let total = 0;
  const cumulative = [...p].map((pi) => (total += -Math.log1p(-pi)));
  cumulative.forEach((c, i) =>
    assert.ok(Math.abs(hazardLast[i]! + 1 - (c / total) * 2 ** 32) <= 0.5001, `feature ${i}`),
  );
});
