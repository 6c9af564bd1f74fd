import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import { samplerTables } from '../../../numerics/random/sampler-tables.ts';
import { streamTag } from '../../../numerics/random/streams.ts';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { preActivation } from '../../../numerics/toy-model/reference/reference-trainer.ts';
import { instantiateKernels } from '../../../numerics/toy-model/wasm/toy-model.ts';

const n = 48;
const m = 8;
const key = { k0: 3, k1: 4 };

/** A model some of whose rows are short, with biases from far below 0 to above it, and samples without all-zero ones. */
function setup() {
  const tables = samplerTables(featureFrequencies({ frequencies: 'power-law', n, alpha: 0.5, density: 2 }));
  const { W, b } = initialWeights(n, m, key);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < m; k++) W[i * m + k]! *= [1, 0.1, 1e-3, 0, 1e-25][i % 5]!;
    b[i] = [-3, -0.2, -1e-4, 0, 0.5, -1e-9, -30][i % 7]!;
  }
  const samples = drawSamples(tables, key, streamTag.training, 1, 100);
  const offsets = [0, ...new Set(samples.offsets)].filter((offset, i, all) => i === 0 || offset > all[i - 1]!);
  return { W, b, samples, offsets };
}

test('a feature is called silent only if no sample makes it positive, and nearly all that are so by the bound are found', () => {
  const { W, b, samples, offsets } = setup();
  const rows = offsets.length - 1;
  const entries = samples.indices.length;
  const { kernels, at, u32, f32 } = instantiateKernels({
    W: 4 * n * m,
    b: 4 * n,
    offsets: 4 * offsets.length,
    features: 4 * entries,
    values: 4 * entries,
    norms: 4 * n,
    silent: 4 * n,
  });
  f32('W', n * m).set(W);
  f32('b', n).set(b);
  u32('offsets', rows + 1).set(offsets);
  u32('features', entries).set(samples.indices);
  f32('values', entries).set(samples.values);
  const live = kernels.findSilent(at.W, at.b, n, m, rows, at.offsets, at.features, at.values, at.norms, at.silent);
  const silent = [...u32('silent', n)];
  assert.equal(live, silent.filter((flag) => flag === 0).length);

  const rowsOfW = Array.from({ length: n }, (_, i) => [...W.subarray(i * m, (i + 1) * m)]);
  const norms = rowsOfW.map((row) => Math.sqrt(row.reduce((sum, w) => sum + w * w, 0)));
  const highest = new Array<number>(n).fill(-Infinity);
  let largest = 0;
  for (let r = 0; r < rows; r++) {
    const x = new Array<number>(n).fill(0);
    for (let e = offsets[r]!; e < offsets[r + 1]!; e++) x[samples.indices[e]!] = samples.values[e]!;
    largest = Math.max(largest, x.reduce((sum, value, i) => sum + value * norms[i]!, 0)); // prettier-ignore
    preActivation(rowsOfW, [...b], x).forEach((z, i) => (highest[i] = Math.max(highest[i]!, z)));
  }
  silent.forEach((flag, i) => {
    if (flag) assert.ok(highest[i]! < 0, `feature ${i} reaches ${highest[i]}`);
    else assert.ok(b[i]! > -1e-6 || b[i]! + 1.005 * largest * norms[i]! > 0, `feature ${i} is silent by the bound`);
  });
  assert.ok(silent.includes(1) && silent.includes(0));
});

test('silent columns come last in their block, the others stay in order, and places follow', () => {
  const columns = 48;
  const block = 32;
  const { kernels, at, u32 } = instantiateKernels({
    featureAt: 4 * columns,
    silent: 4 * columns,
    to: 4 * columns,
    columnOf: 4 * columns,
    positions: 4 * columns,
    widths: 8,
  });
  const features = Array.from({ length: columns }, (_, i) => (i * 5) % columns);
  const isSilent = (feature: number) => feature % 3 !== 0;
  u32('featureAt', columns).set(features);
  u32('silent', columns).set(features.map((_, feature) => Number(isSilent(feature))));
  u32('positions', columns).set(features.map((_, i) => i));
  kernels.putSilentLast(at.featureAt, columns, block, at.silent, at.to, at.columnOf, at.positions, columns, at.widths);
  const to = [...u32('to', columns)];
  for (const [b, [first, end]] of [
    [0, block],
    [block, columns],
  ].entries()) {
    const live = features.slice(first, end).filter((feature) => !isSilent(feature));
    assert.deepEqual(to.slice(first, first! + live.length), live);
    assert.deepEqual(to.slice(first, end).sort(), features.slice(first, end).sort());
    assert.equal(u32('widths', 2)[b], Math.ceil(live.length / 16) * 16);
  }
  assert.deepEqual([...u32('positions', columns)].map((column) => to[column]), features); // prettier-ignore
});
