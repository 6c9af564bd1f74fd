import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centredRows } from '../../../numerics/geometry/head/centred.ts';
import { crossEntropyOverlap, meanSquareOverlap } from '../../../numerics/geometry/head/gram.ts';
import { allPairStatistics, sampledPairStatistics } from '../../../numerics/geometry/head/pairs.ts';
import { rowNorms } from '../../../numerics/geometry/head/rows.ts';
import type { RowReader } from '../../../numerics/geometry/head/rows.ts';
import { overlapStatistics, unitRows } from '../../../numerics/geometry/overlaps.ts';

function near(actual: number, expected: number, relative: number): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not ${expected} to ${relative}: off by ${actual / expected - 1}`,
  );
}

/** Rows with a common direction of the given weight, norms from 0.5 to 2. */
function head(rows: number, width: number, common: number): Float32Array {
  let state = 12345;
  const uniform = (): number => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 4294967296;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return Float32Array.from(
    { length: rows * width },
    (_, i) => (0.5 + (1.5 * Math.floor(i / width)) / rows) * ((normal() + common) / Math.sqrt(width)),
  );
}

function readerOf(w: Float32Array, width: number): RowReader & { reads: number } {
  return {
    rows: w.length / width,
    width,
    reads: 0,
    read(begin, count, out, stride) {
      this.reads++;
      for (let r = 0; r < count; r++) out.set(w.subarray((begin + r) * width, (begin + r + 1) * width), r * stride);
    },
  };
}

/** By the definition: every pair, in float64. */
function byDefinition(w: Float32Array, width: number) {
  const rows = w.length / width;
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += w[i * width + k]! * w[j * width + k]!;
    return sum;
  };
  const norms = Array.from({ length: rows }, (_, i) => Math.sqrt(dot(i, i)));
  let eq14 = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++)
      if (j !== i && norms[i]! > 0)
        eq14 += (0.5 * (dot(i, j) / norms[i]!) ** 2 * Math.exp(-norms[i]!)) / norms.filter((norm) => norm > 0).length;
  }
  const directed = [...norms].flatMap((norm, i) => (norm > 0 ? [i] : []));
  return { norms, eq14, overlaps: overlapStatistics(unitRows(w, width, directed), width)! };
}

for (const [rows, width, common] of [
  [300, 40, 0],
  [500, 21, 0.3],
  [90, 128, 2],
] as const) {
  test(`${rows} rows of width ${width}: norms, Gram, pairs and Eq. 14 are those of the definition`, async () => {
    const w = head(rows, width, common);
    w.fill(0, 5 * width, 6 * width);
    const expected = byDefinition(w, width);
    const reader = readerOf(w, width);
    const norms = await rowNorms(reader);
    norms.forEach((norm, i) => near(norm, expected.norms[i]!, 1e-14));
    const gram = await meanSquareOverlap(reader, norms);
    assert.equal(gram.count, rows - 1);
    near(gram.meanSquare, expected.overlaps.meanSquare, 3e-7);
    near(await crossEntropyOverlap(reader, norms), expected.eq14, 3e-7);
    near(gram.welchBoundSquared, expected.overlaps.welchBoundSquared, 1e-14);
    const directed = [...norms].flatMap((norm, i) => (norm > 0 ? [i] : []));
    const average = Array.from(
      { length: width },
      (_, k) => directed.reduce((sum, i) => sum + w[i * width + k]!, 0) / directed.length,
    );
    const around = byDefinition(
      w.map((value, i) => (norms[Math.floor(i / width)]! > 0 ? value - average[i % width]! : 0)),
      width,
    );
    const centred = await centredRows(reader, norms);
    assert.equal(centred.norms[5], 0, 'a row of zeros has no part in it');
    near((await meanSquareOverlap(centred.reader, centred.norms)).meanSquare, around.overlaps.meanSquare, 1e-6);
    const pairs = await allPairStatistics(reader, norms);
    assert.equal(pairs.pairs, ((rows - 1) * (rows - 2)) / 2);
    near(pairs.meanSquare, expected.overlaps.meanSquare, 3e-7);
    near(pairs.meanAbsolute, expected.overlaps.meanAbsolute, 3e-7);
    near(pairs.varianceAbsolute, expected.overlaps.varianceAbsolute, 3e-6);
    near(pairs.maximumAbsolute, expected.overlaps.maximumAbsolute, 1e-6);
  });
}

test('sums over many rows are in float64: 40000 rows with a common direction', async (t) => {
  const [rows, width] = [40_000, 16];
  const w = head(rows, width, 1);
  const gram = new Float64Array(width * width);
  for (let i = 0; i < rows; i++) {
    const row = w.subarray(i * width, (i + 1) * width);
    const square = row.reduce((sum, value) => sum + value * value, 0);
    for (let a = 0; a < width; a++)
      for (let b = 0; b < width; b++) gram[a * width + b]! += (row[a]! * row[b]!) / square;
  }
  const expected = (gram.reduce((sum, value) => sum + value * value, 0) - rows) / (rows * (rows - 1));
  const reader = readerOf(w, width);
  const { meanSquare } = await meanSquareOverlap(reader, await rowNorms(reader));
  t.diagnostic(`off by ${(meanSquare / expected - 1).toExponential(1)}`);
  near(meanSquare, expected, 1e-8);
});

test('rows that are held in turn give the same pairs as rows held at once', async () => {
  const w = head(5000, 24, 0.1);
  const reader = readerOf(w, 24);
  const norms = await rowNorms(reader);
  const atOnce = await allPairStatistics(reader, norms);
  const inTurn = await allPairStatistics(reader, norms, undefined, 2048 * 24 * 4);
  near(inTurn.meanAbsolute, atOnce.meanAbsolute, 1e-12);
  near(inTurn.meanSquare, atOnce.meanSquare, 1e-12);
  assert.equal(inTurn.maximumAbsolute, atOnce.maximumAbsolute);
  near((await meanSquareOverlap(reader, norms)).meanSquare, atOnce.meanSquare, 1e-7);
});

test('a sample of pairs is unbiased, says its error, and is the same each time', async () => {
  const w = head(1200, 32, 0.2);
  const reader = readerOf(w, 32);
  const norms = await rowNorms(reader);
  const truth = await allPairStatistics(reader, norms);
  const sample = { groups: 40, rows: 50 };
  const estimates = await Promise.all(
    Array.from({ length: 30 }, (_, k) => sampledPairStatistics(reader, norms, sample, { k0: k, k1: 77 })),
  );
  const z = estimates.map(
    ({ meanAbsolute, meanAbsoluteError }) => (meanAbsolute - truth.meanAbsolute) / meanAbsoluteError,
  );
  const meanZ = z.reduce((a, b) => a + b, 0) / z.length;
  const spread = Math.sqrt(z.reduce((a, b) => a + (b - meanZ) ** 2, 0) / (z.length - 1));
  assert.ok(Math.abs(meanZ) < 4 / Math.sqrt(z.length), `mean z ${meanZ}`);
  assert.ok(spread > 0.65 && spread < 1.5, `spread of z ${spread}`);
  const zVariance = estimates.map(
    ({ varianceAbsolute, varianceAbsoluteError }) =>
      (varianceAbsolute - truth.varianceAbsolute) / varianceAbsoluteError,
  );
  assert.ok(
    zVariance.every((value) => Math.abs(value) < 5),
    String(zVariance),
  );
  assert.equal(estimates[0]!.pairs, 40 * 1225);
  assert.equal(estimates[0]!.sampled, true);
  assert.deepEqual(await sampledPairStatistics(reader, norms, sample, { k0: 0, k1: 77 }), estimates[0]);
  await assert.rejects(
    sampledPairStatistics(reader, norms, { groups: 2, rows: 1201 }, { k0: 0, k1: 0 }),
    /groups of 2 to 1200 rows/,
  );
});

test('very long and very short rows do not overflow Eq. 14, and a weight that is no number is named', async () => {
  const w = head(64, 16, 0).map((value, i) => value * (i < 16 * 32 ? 1 : 400));
  const reader = readerOf(w, 16);
  const norms = await rowNorms(reader);
  near(await crossEntropyOverlap(reader, norms), byDefinition(w, 16).eq14, 1e-6);
  w[16 * 7 + 3] = Number.NaN;
  await assert.rejects(rowNorms(readerOf(w, 16)), /^Error: row 7 has the squared norm NaN: expected finite weights/);
});

test('work can be stopped, and says how far it is', async () => {
  const reader = readerOf(head(3000, 16, 0), 16);
  const norms = await rowNorms(reader);
  const seen: number[] = [];
  await allPairStatistics(reader, norms, (done) => void seen.push(done));
  assert.equal(seen.at(-1), 1);
  assert.ok(seen.every((done, i) => i === 0 || done > seen[i - 1]!));
  await assert.rejects(
    meanSquareOverlap(reader, norms, () => {
      throw new Error('stop');
    }),
    /stop/,
  );
});
