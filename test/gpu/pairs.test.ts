import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ValueOf } from 'repro';
import { pairSums } from '../../numerics/geometry/webgpu/pair-sums.ts';
import { crossEntropyOverlap, crossEntropyOverlapOf } from '../../numerics/geometry/head/gram.ts';
import { readerOfRows, rowNorms } from '../../numerics/geometry/head/rows.ts';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { overlapsOf, overlapStatistics, unitRows } from '../../numerics/geometry/overlaps.ts';
import { encodeSafetensors } from '../../numerics/checkpoints/safetensors.ts';
import type { HeadMeasurement } from '../../stages/language/artifacts.ts';
import { overlapsOnDevice } from '../../stages/toy/measure-geometry/run.webgpu.ts';
import { run as headOnProcessor } from '../../stages/language/measure-head/run.wasm.ts';
import { run as headOnDevice } from '../../stages/language/measure-head/run.webgpu.ts';
import { lastingGpu, openOnlyThis } from './models.ts';

const gpu = await lastingGpu();
openOnlyThis(gpu);
/** Single precision against double. */
const largest = 1e-6;

/** Rows of different lengths, with a common direction; the fifth is zero. */
function rowsWith(rows: number, width: number): Float32Array {
  const { W } = initialWeights(rows, width, { k0: rows, k1: width });
  for (let i = 0; i < W.length; i++)
    W[i] = (0.5 + (3 * Math.floor(i / width)) / rows) * (W[i]! + 0.3 / Math.sqrt(width));
  W.fill(0, 4 * width, 5 * width);
  return W;
}

// one tile that is not full; edges in both directions; several runs of rows, held all at once and in parts
for (const [rows, width, held] of [
  [40, 5, 2 ** 30],
  [333, 37, 2 ** 30],
  [2100, 5, 2 ** 30],
  [2100, 5, 2048 * 32],
] as const) {
  test(`overlaps of ${rows} rows of width ${width}, ${held} bytes held, are those of double precision`, async (t) => {
    const w = rowsWith(rows, width);
    const reader = readerOfRows(w, width);
    const norms = await rowNorms(reader);
    const seen: number[] = [];
    const sums = await pairSums(gpu, reader, norms, (done) => void seen.push(done), held);
    const directed = [...norms.keys()].filter((i) => norms[i]! > 0);
    assert.equal(directed.length, rows - 1);
    const expected = overlapStatistics(unitRows(w, width, directed), width)!;
    const found = overlapsOf(sums, directed.length, width, largest);
    const eq14 = crossEntropyOverlapOf(sums.weighted, norms) / (await crossEntropyOverlap(reader, norms));
    const deviations = [
      found.meanSquare / expected.meanSquare,
      found.meanAbsolute / expected.meanAbsolute,
      found.maximumAbsolute / expected.maximumAbsolute,
      eq14,
    ].map((ratio) => Math.abs(ratio - 1));
    t.diagnostic(
      `mean square, mean and largest |cos|, Eq. 14: relative deviations ${deviations.map((deviation) => deviation.toExponential(1)).join(', ')}`,
    );
    assert.ok(Math.max(...deviations) < largest, deviations.join(', '));
    assert.equal(seen.at(-1), 1);
  });
}

test('measure-geometry has the same overlaps from the device', async () => {
  const [count, m] = [300, 3];
  const units = unitRows(
    initialWeights(count, m, { k0: 5, k1: 6 }).W,
    m,
    Array.from({ length: count }, (_, i) => i),
  );
  const [found, expected] = [await overlapsOnDevice(units, m), overlapStatistics(units, m)!];
  for (const name of ['meanSquare', 'meanAbsolute', 'varianceAbsolute', 'maximumAbsolute'] as const)
    assert.ok(Math.abs(found[name] / expected[name] - 1) < largest, name);
  assert.equal(found.welchBoundSquared, expected.welchBoundSquared);
  assert.deepEqual(gpu.uses, { opened: 1, destroyed: 1 }, 'it opens a device and gives it back');
});

for (const pairs of ['all', { groups: 4, rows: 40 }] as const) {
  test(`measure-head has the same of a head from both backends, pairs: ${JSON.stringify(pairs)}`, async () => {
    const [n, m] = [300, 17];
    const directory = mkdtempSync(join(tmpdir(), 'pairs-'));
    try {
      const head = join(directory, 'head.safetensors');
      writeFileSync(head, encodeSafetensors({ head: { dtype: 'F32', shape: [n, m], data: rowsWith(n, m) } }));
      const measured = async (run: typeof headOnDevice): Promise<ValueOf<typeof HeadMeasurement>> => {
        const path = join(directory, 'measurement.json');
        await run({
          node: 'measure-head',
          params: { model: 'org/model', family: 'Some', n, m, pairs, seed: 1 },
          scratch: directory,
          signal: new AbortController().signal,
          progress: () => undefined,
          inputs: { head: { type: 'language-model-head', path: head, node: 'fetch-head' } },
          outputs: { measurement: { type: 'head-measurement', path } },
        });
        return JSON.parse(readFileSync(path, 'utf8')) as ValueOf<typeof HeadMeasurement>;
      };
      Object.assign(gpu.uses, { opened: 0, destroyed: 0 });
      const [found, expected] = [await measured(headOnDevice), await measured(headOnProcessor)];
      assert.deepEqual(gpu.uses, { opened: 2, destroyed: 2 }, 'one for the rows, one for those without their mean');
      const numbers = (value: unknown): number[] =>
        typeof value === 'number'
          ? [value]
          : value !== null && typeof value === 'object'
            ? Object.values(value).flatMap(numbers)
            : [];
      const [a, b] = [numbers(found), numbers(expected)];
      assert.equal(a.length, b.length);
      a.forEach((number, i) =>
        assert.ok(Math.abs(number - b[i]!) <= largest * Math.abs(b[i]!), `${number}, expected ${b[i]}`),
      );
      assert.equal(found.summary.directed, n - 1);
      assert.equal(found.summary.pairs.sampled, pairs !== 'all');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
