import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { firstError } from 'repro';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { overlapStatistics, unitRows } from '../../../numerics/geometry/overlaps.ts';
import { encodeSafetensors } from '../../../numerics/checkpoints/safetensors.ts';
import type { Tensor } from '../../../numerics/checkpoints/safetensors.ts';
import { HeadMeasurement } from '../../../stages/language/artifacts.ts';
import { run } from '../../../stages/language/measure-head/run.wasm.ts';

const directory = mkdtempSync(join(tmpdir(), 'measure-head-'));
after(() => rmSync(directory, { recursive: true }));

const [n, m] = [700, 24];
const { W } = initialWeights(n, m, { k0: 3, k1: 4 });

async function measured(
  head: Tensor,
  pairs: 'all' | { groups: number; rows: number } = 'all',
  given: Partial<{ n: number; m: number }> = {},
  signal = new AbortController().signal,
) {
  const path = join(directory, 'head.safetensors');
  writeFileSync(path, encodeSafetensors({ head }));
  const output = { type: 'head-measurement' as const, path: join(directory, 'measurement.json') };
  const seen: number[] = [];
  await run({
    node: 'measure-head',
    params: { model: 'org/model', family: 'Some', n, m, pairs, seed: 1, ...given },
    inputs: { head: { type: 'language-model-head', path, node: 'fetch-head' } },
    outputs: { measurement: output },
    scratch: directory,
    signal,
    progress: (fraction) => void seen.push(fraction),
  });
  const value = JSON.parse(readFileSync(output.path, 'utf8')) as {
    summary: Record<string, number> & { norm: Record<string, number>; pairs: Record<string, number> };
    normHistogram: { from: number; width: number; counts: number[] };
  };
  assert.equal(firstError(HeadMeasurement.schema!, value), undefined);
  assert.ok(seen.every((fraction, i) => i === 0 || fraction >= seen[i - 1]!) && seen.at(-1)! > 0.999);
  return value;
}

const f32 = (data: Float32Array): Tensor => ({ dtype: 'F32', shape: [n, m], data });
/** The upper halves of f32, and what they are as f32. */
const bf16Bits = Uint16Array.from(new Uint32Array(W.buffer, W.byteOffset, W.length), (bits) => bits >>> 16);
const bf16Values = new Float32Array(Uint32Array.from(bf16Bits, (bits) => bits << 16).buffer);

test('a head from file to file: overlaps, norms and histogram are those of its rows, in f32 and in bf16', async () => {
  for (const [head, values] of [
    [f32(W), W],
    [{ dtype: 'BF16', shape: [n, m], data: bf16Bits } as Tensor, bf16Values],
  ] as const) {
    const { summary, normHistogram } = await measured(head);
    const expected = overlapStatistics(
      unitRows(
        values,
        m,
        Array.from({ length: n }, (_, i) => i),
      ),
      m,
    )!;
    assert.ok(Math.abs(summary['meanSquare']! / expected.meanSquare - 1) < 1e-6);
    // These rows have a mean of about zero, so that little changes without it.
    assert.ok(Math.abs(summary['centredMeanSquare']! / expected.meanSquare - 1) < 0.1);
    assert.ok(Math.abs(summary.pairs['meanAbsolute']! / expected.meanAbsolute - 1) < 1e-6);
    const norms = Array.from({ length: n }, (_, i) => Math.hypot(...values.subarray(i * m, (i + 1) * m)));
    assert.ok(Math.abs(summary.norm['mean']! - norms.reduce((a, b) => a + b) / n) < 1e-9);
    assert.ok(Math.abs(summary.norm['minimum']! - Math.min(...norms)) < 1e-9);
    assert.equal(
      normHistogram.counts.reduce((a, b) => a + b),
      n,
    );
    const bin = (norm: number): boolean =>
      norm >= normHistogram.from + 20 * normHistogram.width && norm < normHistogram.from + 21 * normHistogram.width;
    assert.equal(normHistogram.counts[20], norms.filter(bin).length);
  }
  assert.notDeepEqual(bf16Values, W);
});

test('a sample of pairs changes |cos| alone: the mean square stays exact', async () => {
  const all = (await measured(f32(W))).summary;
  const sampled = (await measured(f32(W), { groups: 12, rows: 60 })).summary;
  assert.equal(sampled['meanSquare'], all['meanSquare']);
  assert.ok(sampled.pairs['meanAbsoluteError']! > 0);
  assert.ok(
    Math.abs(sampled.pairs['meanAbsolute']! - all.pairs['meanAbsolute']!) < 5 * sampled.pairs['meanAbsoluteError']!,
  );
  assert.equal(sampled.pairs['count'], (12 * 60 * 59) / 2);
});

test('rows that are zero are counted out, and told by the smallest norm', async () => {
  const W0 = W.slice();
  W0.fill(0, 0, 2 * m);
  const { summary } = await measured(f32(W0));
  assert.equal(summary['directed'], n - 2);
  assert.equal(summary.norm['minimum'], 0);
});

test('a head of another shape than published, one of no direction, and an interruption end with one line', async () => {
  await assert.rejects(
    measured(f32(W), 'all', { m: 25 }),
    /^Error: org\/model: its head is 700 x 24: expected 700 x 25 as published$/,
  );
  await assert.rejects(
    measured(f32(new Float32Array(n * m))),
    /^Error: org\/model: 0 rows of the head are not zero: expected at least 2$/,
  );
  const stopped = new AbortController();
  stopped.abort(new Error('interrupted'));
  await assert.rejects(measured(f32(W), 'all', {}, stopped.signal), /interrupted/);
});

test('rows that share a direction overlap, and not once the mean row is taken away; equal rows have none left', async () => {
  const shifted = W.map((value, i) => value + (i % m === 0 ? 3 : 0));
  const { summary } = await measured(f32(shifted));
  assert.ok(summary['meanSquare']! > 0.5);
  const plain = (await measured(f32(W))).summary['meanSquare']!;
  assert.ok(Math.abs(summary['centredMeanSquare']! / plain - 1) < 0.1);
  const equal = W.map((_, i) => 1 + (i % m));
  assert.equal((await measured(f32(equal))).summary['centredMeanSquare'], null);
});
